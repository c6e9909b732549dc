import { builtinModules } from "node:module";
import { defineConfig } from "vite";

/** Bundles the GPU benchmark with all its packages into one file: it is copied to machines that have nothing but Node. */
export default defineConfig({
  publicDir: false,
  build: {
    target: "node20",
    ssr: true,
    outDir: "node_modules/.cache/bitloom-gpu",
    emptyOutDir: true,
    rolldownOptions: {
      input: { gpu: "bench/gpu.ts" },
      external: (id) => id.startsWith("node:") || builtinModules.includes(id),
      output: { codeSplitting: false },
    },
  },
  ssr: { noExternal: true },
});
