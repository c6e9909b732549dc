import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Dependencies point one way: core <- formats <- engine <- workers; the page sees the engine through core/protocol only. */
const forbid = (files, patterns) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: patterns.map(([group, message]) => ({ group: [group], message })) }] },
});

export default tseslint.config(
  { ignores: ["dist/", "**/build/", "src/engine/kernels/wasm/assembly/", "test-results/", "playwright-report/"] },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["src/engine/tsconfig.json", "src/app/tsconfig.json", "src/cli/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      // Reports assertions that TensorFlow.js's rank types do need.
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["**/*.test.ts", "**/*.test.tsx", "e2e/**"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      // Fakes of asynchronous functions need not wait for anything.
      "@typescript-eslint/require-await": "off",
    },
  },
  { files: ["src/app/**/*.ts", "src/app/**/*.tsx"], ...reactHooks.configs.flat.recommended },
  forbid(
    ["src/core/**"],
    [
      ["**/formats/**", "core knows nobody."],
      ["**/engine/**", "core knows nobody."],
      ["**/app/**", "core knows nobody."],
      ["@tensorflow/*", "core has no TensorFlow.js."],
    ],
  ),
  forbid(
    ["src/formats/**"],
    [
      ["**/engine/**", "formats know core only."],
      ["**/app/**", "formats know core only."],
      ["@tensorflow/*", "formats have no TensorFlow.js."],
    ],
  ),
  forbid(
    ["src/engine/**"],
    [
      ["**/app/**", "The engine does not know the page."],
      ["react", "The engine does not know the page."],
    ],
  ),
  forbid(
    ["src/app/**"],
    [
      ["**/engine/**", "The page knows the engine only through core/protocol."],
      ["@tensorflow/*", "The page has no TensorFlow.js."],
    ],
  ),
);
