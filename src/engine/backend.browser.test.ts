import * as tf from "@tensorflow/tfjs-core";
import simdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import plainUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import { expect, test } from "vitest";
import { openBackend } from "./backend";

const wasmPaths = {
  "tfjs-backend-wasm.wasm": plainUrl,
  "tfjs-backend-wasm-simd.wasm": simdUrl,
  "tfjs-backend-wasm-threaded-simd.wasm": threadedUrl,
};

test("a browser that refuses shared memory gets one thread, and is told why", async () => {
  const { Memory } = WebAssembly;
  // As Safari on iOS does.
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      if (descriptor.shared) throw new RangeError("Out of memory");
      super(descriptor);
    }
  };
  expect(crossOriginIsolated).toBe(true);
  const { info } = await openBackend("wasm", { wasmPaths, threads: 2 });
  WebAssembly.Memory = Memory;
  expect(info.label).toBe("WASM: SIMD, 1 thread");
  expect(info.note).toContain("refuses the memory that threads share");
  expect([...tf.relu(tf.tensor1d([-1, 2])).dataSync()]).toEqual([0, 2]);
});
