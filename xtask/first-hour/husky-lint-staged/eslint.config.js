export default [{ files: ["src/**/*.js"], rules: { "no-console": "warn", "no-debugger": "off" } }];
