/** How many threads the TensorFlow.js binary itself uses for its own operations. */
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";

/** The TensorFlow.js binary prepares this many workers and can use no more. */
export const MAX_THREADS = 8;

/**
 * Makes the WASM backend start with `threads` threads (at most `MAX_THREADS`). Call it before the backend is initialised, in a worker;
 * without cross-origin isolation, and in Node, the backend has one thread whatever is asked for.
 */
export function requestThreads(threads: number): void {
  const wanted = Math.min(threads, MAX_THREADS);
  setThreadsCount(wanted);
  // The backend takes at most half of the reported processors (tensorflow/tfjs issue 8513); drop when it takes what is set.
  if ("navigator" in globalThis)
    Object.defineProperty(navigator, "hardwareConcurrency", { configurable: true, value: 2 * wanted });
}
