/** Our WebAssembly module beside the TensorFlow.js one, over the same memory. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { plainBinary, sharedBinary } from "./build/binaries";
import { JOB_BYTES, JOB_CHUNKS, JOB_FLOATS, JOB_INTS, JOB_KERNEL } from "./kernel-ids";
import { noHelpers, startHelpers } from "./helpers";

/** The memory seen as numbers. Stale once memory grows: take it again in each kernel call. */
interface Views {
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

export interface WasmModule {
  /** Threads that compute, the calling one included. */
  readonly threads: number;
  /** Why there are fewer threads than were asked for; null if all started. */
  readonly threadFailure: string | null;
  readonly views: () => Views;
  /** Runs a kernel on chunks 0 to `chunks` - 1 and waits for it. */
  readonly run: (kernel: number, chunks: number, ints: readonly number[], floats?: readonly number[]) => void;
  /** Byte address of working memory, valid until the next call. */
  readonly scratch: (bytes: number) => number;
}

/** Exports of the compiled assembly; `runShared` and `help` are in the shared-memory variant only. */
export interface KernelExports {
  readonly runAlone: (job: number) => void;
  readonly runShared?: (job: number) => number;
  readonly help?: (job: number) => void;
}

/** What we use of TensorFlow.js' Emscripten module: exactly version 4.22.0. */
interface TfjsModule {
  readonly _malloc: (bytes: number) => number;
  readonly _free: (address: number) => void;
  /** Of the threaded binary, which imports its memory. */
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm: { readonly memory?: WebAssembly.Memory };
}

/**
 * Instantiates the kernels over the memory of `backend`, with helper workers when that memory is shared and `threads` is above one.
 * Throws where WebAssembly lacks SIMD.
 */
export async function instantiate(backend: BackendWasm, threads: number): Promise<WasmModule> {
  const tfjs = backend.wasm as unknown as TfjsModule;
  const memory = tfjs.wasmMemory ?? tfjs.asm.memory;
  if (memory === undefined) throw new Error("The TensorFlow.js WASM backend shows no memory. Use version 4.22.0.");
  const shared = typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
  const compiled = await compile(shared ? sharedBinary : plainBinary);
  const instance = await WebAssembly.instantiate(compiled, { env: { memory } });
  const kernels = instance.exports as unknown as KernelExports;
  const job = allocate(tfjs, JOB_BYTES);
  let views = viewsOf(memory);
  views.int32.fill(0, job >>> 2, (job + JOB_BYTES) >>> 2);
  const obstacle = threads > 1 ? obstacleToThreads(shared) : null;
  const helpers = obstacle === null && threads > 1 ? await startHelpers(compiled, memory, job, threads - 1) : noHelpers(obstacle);

  const current = (): Views => {
    if (views.int32.buffer !== memory.buffer) views = viewsOf(memory);
    return views;
  };
  let scratchAt = 0;
  let scratchBytes = 0;

  return {
    threads: helpers.workers.length + 1,
    threadFailure: helpers.failure,
    views: current,
    run(kernel, chunks, ints, floats = []) {
      const { int32, float32 } = current();
      int32.set(ints, (job + JOB_INTS) >>> 2);
      float32.set(floats, (job + JOB_FLOATS) >>> 2);
      int32[(job + JOB_KERNEL) >>> 2] = kernel;
      int32[(job + JOB_CHUNKS) >>> 2] = chunks;
      if (helpers.workers.length === 0 || chunks === 1 || kernels.runShared === undefined) kernels.runAlone(job);
      else if (kernels.runShared(job) === 0)
        throw new Error("A helper thread of the WASM kernels stopped answering. Reload the page.");
    },
    scratch(bytes) {
      if (bytes > scratchBytes) {
        if (scratchAt !== 0) tfjs._free(scratchAt);
        scratchAt = allocate(tfjs, bytes);
        scratchBytes = bytes;
      }
      return scratchAt;
    },
  };
}

/** Why helper threads cannot be used here, null if they can. */
function obstacleToThreads(shared: boolean): string | null {
  if (!shared) return "The memory is not shared: the page is not cross-origin isolated, or this is Node.";
  // A page's own thread must not block, and a chunk that a helper has taken can only be waited for.
  return "document" in globalThis ? "The page's own thread may not wait for helpers: run the engine in a worker." : null;
}

async function compile(base64: string): Promise<WebAssembly.Module> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new Error(
      "The WASM kernels need WebAssembly SIMD, which this browser does not have. Update it or choose WebGPU or CPU.",
      { cause },
    );
  }
}

function allocate(tfjs: TfjsModule, bytes: number): number {
  // Addresses above 2 GB come back negative.
  const address = tfjs._malloc(bytes) >>> 0;
  if (address === 0) throw new Error(`Out of WebAssembly memory: ${String(bytes)} bytes refused. Lower the batch size.`);
  return address;
}

function viewsOf({ buffer }: WebAssembly.Memory): Views {
  return { int32: new Int32Array(buffer), float32: new Float32Array(buffer), float64: new Float64Array(buffer) };
}
