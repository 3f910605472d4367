export default [
  {
    files: ["**/*.js"],
    languageOptions: { sourceType: "commonjs" },
    rules: { eqeqeq: "error", "no-var": ["error"] },
  },
];
