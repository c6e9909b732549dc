import { builtinModules } from "node:module";
import { defineConfig } from "vite";

/** Packages that the command line loads as they are; only TensorFlow.js's deep paths (ES modules that Node cannot load) are bundled. */
const EXTERNAL = /^(@tensorflow\/tfjs-(core|backend-cpu|backend-wasm)|zod\/mini|fflate|h5wasm|modern-tar|playwright|vite)$/;

/** Bundles the command line and the benchmarks for Node. */
export default defineConfig({
  publicDir: false,
  build: {
    target: "node20",
    ssr: true,
    outDir: "node_modules/.cache/bitloom-cli",
    emptyOutDir: true,
    rolldownOptions: {
      input: {
        bitloom: "src/cli/main.ts",
        bench: "bench/main.ts",
        results: "bench/results.ts",
      },
      external: (id) => id.startsWith("node:") || builtinModules.includes(id) || EXTERNAL.test(id),
    },
  },
  ssr: { noExternal: true },
});
