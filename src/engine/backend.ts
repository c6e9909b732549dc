/** Chooses and opens the TensorFlow.js backend. What was asked for and cannot be had is an error, never silently another. */
import * as tf from "@tensorflow/tfjs-core";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { BackendId } from "../core/config";
import type { BackendInfo } from "../core/protocol";
import { RunFailure } from "./failure";

export interface BackendOptions {
  /** URLs of the three WASM binaries by file name; Node finds its own. */
  readonly wasmPaths: Readonly<Record<string, string>> | null;
  /** Threads wanted for WASM; where memory cannot be shared it is one. */
  readonly threads: number;
}

export interface OpenBackend {
  readonly info: BackendInfo;
  /** A sentence once the device is lost or has failed; null while it is well. */
  readonly failure: () => string | null;
}

/** What both TensorFlow.js binaries may grow to: 65536 pages of 64 KiB. Node gives it all (42 tensors of 100 MB). */
const WASM_TOTAL = 2 ** 32;

/** Where nothing tells: graphics processors in use have 4 GiB and more, and so have machines that run a browser on them. */
const UNKNOWN_TOTAL = 2 ** 32;

/** Longer typed arrays are refused by some browsers, and tensors are read back into one. */
const LARGEST_ARRAY = 2 ** 31 - 1;

/**
 * Tensors of a plain step, whose buffers stay for the next one, and of two recordings while they are compared. Measured in software
 * WebGPU: 114 MB of buffers at the peak of a search with ResNet-8 of width 8, where this gives 115.
 */
const RECORDED_COPIES = 3;

/** `auto` is WebGPU if there is a hardware adapter, else WASM. Throws a RunFailure "backend" with a sentence. */
export async function openBackend(choice: "auto" | BackendId, options: BackendOptions): Promise<OpenBackend> {
  switch (choice) {
    case "auto":
      return openAutomatic(options);
    case "webgpu":
      return openWebGpuBackend();
    case "wasm":
      return openWasm(options, "");
    case "cpu":
      return openCpu();
  }
}

async function openAutomatic(options: BackendOptions): Promise<OpenBackend> {
  const { probeWebGpu } = await import("./kernels/webgpu/device");
  const probe = await probeWebGpu();
  if ("reason" in probe) return openWasm(options, `WebGPU is not used: ${probe.reason}`);
  if (probe.software) {
    return openWasm(options, `WebGPU is not used: its only adapter, ${probe.adapterName}, is a software one, slower than WASM.`);
  }
  return openWebGpuBackend();
}

async function openWebGpuBackend(): Promise<OpenBackend> {
  const { openWebGpu, probeWebGpu } = await import("./kernels/webgpu/device");
  const { registerWebGpuKernels } = await import("./kernels/webgpu");
  const probe = await probeWebGpu();
  if ("reason" in probe) throw new RunFailure("backend", `${probe.reason} Choose the backend "auto" or "WASM".`);
  let failure: string | null = null;
  await openWebGpu((message) => {
    failure ??= message;
  });
  registerWebGpuKernels();
  await activate("webgpu");
  return {
    info: {
      id: "webgpu",
      label: `WebGPU: ${probe.adapterName}`,
      note: probe.software ? "A software adapter: right, but slow." : "",
      memory: { total: UNKNOWN_TOTAL, tensor: probe.largestTensor, copies: RECORDED_COPIES },
    },
    failure: () => failure,
  };
}

async function openWasm({ wasmPaths, threads }: BackendOptions, note: string): Promise<OpenBackend> {
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  const { attachWasmModule, registerWasmKernels, requestThreads } = await import("./kernels/wasm");
  const isolated = (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  if (tf.getBackend() !== "wasm") {
    if (wasmPaths) wasm.setWasmPaths({ ...wasmPaths });
    // The binary's own threads spin between its operations, on the processors that our kernels, which do nearly all, need.
    if (isolated) requestThreads(1);
    registerWasmKernels();
    await activate("wasm").catch(async (error: unknown) => {
      if (!isolated) throw error;
      // Safari on iOS may refuse the shared memory that the threaded binary asks for (tensorflow/tfjs issue 7540).
      tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
      await activate("wasm");
    });
  }
  const shared = isolated && tf.env().getBool("WASM_HAS_MULTITHREAD_SUPPORT");
  const module = await attachWasmModule(tf.backend() as BackendWasm, shared ? threads : 1);
  const plural = module.threads === 1 ? "thread" : "threads";
  const inBrowser = wasmPaths !== null;
  return {
    info: {
      id: "wasm",
      label: `WASM: SIMD, ${module.threads} ${plural}`,
      note: [note, inBrowser && module.threads === 1 ? whyAlone(isolated, shared, module.threadFailure) : ""]
        .filter((text) => text !== "")
        .join(" "),
      memory: { total: WASM_TOTAL, tensor: LARGEST_ARRAY, copies: 1 },
    },
    failure: () => null,
  };
}

function whyAlone(isolated: boolean, shared: boolean, threadFailure: string | null): string {
  if (!isolated) return "One thread, because the page is not cross-origin isolated.";
  return shared ? (threadFailure ?? "") : "One thread, because this browser refuses the memory that threads share.";
}

async function openCpu(): Promise<OpenBackend> {
  await import("@tensorflow/tfjs-backend-cpu");
  const { registerCpuKernels } = await import("./kernels/cpu");
  registerCpuKernels();
  await activate("cpu");
  return {
    info: {
      id: "cpu",
      label: "CPU: plain JavaScript",
      note: "The reference backend: right, but slow.",
      memory: { total: UNKNOWN_TOTAL, tensor: LARGEST_ARRAY, copies: 1 },
    },
    failure: () => null,
  };
}

/** `tf.setBackend` answers false and goes on with another backend when one cannot start. */
async function activate(id: BackendId): Promise<void> {
  let why = "";
  const started = await tf.setBackend(id).catch((error: unknown) => {
    why = ` ${(error as Error).message}`;
    return false;
  });
  await tf.ready().catch(() => undefined);
  if (!started || tf.getBackend() !== id)
    throw new RunFailure("backend", `The backend "${id}" would not start.${why} Choose another one.`);
}
