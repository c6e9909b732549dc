/** Loads the engine and exposes it to the page. */
import { expose } from "comlink";
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import { createService } from "../src/engine/service";
import { readDataset } from "../src/formats/read";
import { decodeImage } from "./decode-image";

const absolute = (url: string): string => new URL(url, import.meta.url).href;

const service = createService(
  {
    wasmPaths: {
      "tfjs-backend-wasm.wasm": absolute(plainUrl),
      "tfjs-backend-wasm-simd.wasm": absolute(simdUrl),
      "tfjs-backend-wasm-threaded-simd.wasm": absolute(threadedUrl),
    },
    threads: navigator.hardwareConcurrency || 1,
  },
  (files, context) => readDataset(files, { ...context, decodeImage }),
  // The readers of networks are larger than the rest of the worker's own code, and most visits open no file.
  {
    isNetwork: async (files) => (await import("../src/formats/models")).isNetwork(files),
    readNetwork: async (files) => (await import("../src/formats/models")).readNetwork(files),
  },
);

expose(service);
