export default [{ rules: { "no-debugger": "error", "no-undef": "error" } }];
