/** What callers outside the engine are told when something goes wrong. */
import { FormatError, StoppedError } from "../core/dataset";
import type { Answer, FailureCode } from "../core/protocol";
import { RunFailure } from "./failure";

/** The value of some work, or a sentence that says why there is none. `failure` tells whether the device has failed. */
export async function answer<T>(work: () => T | Promise<T>, failure: () => string | null = () => null): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, ...failureOf(error, failure()) };
  }
}

/** Typed arrays that cannot be made, our kernels, and the TensorFlow.js binary where it finds no memory. */
const OUT_OF_MEMORY = /array buffer allocation|invalid (typed )?array length|out of (webassembly )?memory|^aborted\(\)/i;

/** Turns an exception into what the page can say. A failed device explains whatever followed from it. */
export function failureOf(
  error: unknown,
  backendFailure: string | null,
): { readonly code: FailureCode; readonly message: string } {
  if (backendFailure !== null)
    return { code: "device-lost", message: `${backendFailure} Reload the page, or choose the WASM backend.` };
  if (error instanceof RunFailure) return { code: error.code, message: error.message };
  if (error instanceof FormatError || error instanceof StoppedError) return { code: "data", message: error.message };
  if (error instanceof Error && OUT_OF_MEMORY.test(error.message)) {
    return { code: "memory", message: "There is not enough memory for this run: choose a smaller batch, width or network." };
  }
  if (error instanceof RangeError) return { code: "config", message: error.message };
  const text = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: `Something went wrong inside the engine: ${text}` };
}
