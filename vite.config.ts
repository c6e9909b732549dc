import { defineConfig } from "vitest/config";
import react from "@vitejs/plugin-react";

/** Cross-origin isolation lets the WASM backend use threads; everything works without it, on one thread. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  plugins: [react()],
  base: "./",
  worker: {
    format: "es",
    // The threaded TensorFlow.js WASM build stringifies a function into a worker; compressing renames what that text refers to.
    rolldownOptions: { output: { minify: { compress: false } } },
  },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: { target: "es2023", chunkSizeWarningLimit: 2000 },
});
