/** Where a worker finds the binaries of the TensorFlow.js WASM backend. */
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";

const absolute = (url: string): string => new URL(url, import.meta.url).href;

export const WASM_PATHS = {
  "tfjs-backend-wasm.wasm": absolute(plainUrl),
  "tfjs-backend-wasm-simd.wasm": absolute(simdUrl),
  "tfjs-backend-wasm-threaded-simd.wasm": absolute(threadedUrl),
};
