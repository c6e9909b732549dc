import { builtinModules } from "node:module";
import { defineConfig } from "vite";

/** Packages that the command line loads as they are; only TensorFlow.js's deep paths (ES modules that Node cannot load) are bundled. */
const EXTERNAL = /^(@tensorflow\/tfjs-(core|backend-cpu|backend-wasm)|zod\/mini|fflate|modern-tar)$/;

/** Bundles `npm run bitloom` for Node. */
export default defineConfig({
  build: {
    target: "node20",
    ssr: "src/cli/main.ts",
    outDir: "node_modules/.cache/bitloom-cli",
    emptyOutDir: true,
    rolldownOptions: {
      external: (id) => id.startsWith("node:") || builtinModules.includes(id) || EXTERNAL.test(id),
    },
  },
  ssr: { noExternal: true },
});
