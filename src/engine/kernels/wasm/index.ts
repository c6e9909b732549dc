/** The compute layer of the TensorFlow.js WASM backend: our kernels, and the stock ones that training needs and it lacks. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { registerBatchNorm } from "./batch-norm";
import { registerCrossEntropy } from "./cross-entropy";
import { registerFilterGradients } from "./filter-gradient";
import { registerFractional } from "./fractional";
import { registerIdentity } from "./identity";
import { registerConvolutions } from "./convolution";
import { registerLstm } from "./lstm";
import { registerMatMul } from "./matmul";
import { registerMaxPool } from "./max-pool";
import { registerMixtures } from "./mixture";
import { instantiate, type WasmModule } from "./module";
import { moduleOf, setModule } from "./register";
import { registerSchemes } from "./schemes";
import { registerSegmentSum } from "./segment-sum";
import { registerSgd } from "./sgd";
import { registerSmallArithmetic } from "./small";
import { registerUnpack } from "./unpack";

export type { WasmModule } from "./module";
export { MAX_THREADS, requestThreads } from "./threads";

let registered = false;

/** Registers the kernels for backend "wasm"; a second call does nothing. */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  registerMixtures();
  registerFractional();
  registerSchemes();
  registerBatchNorm();
  registerCrossEntropy();
  registerSgd();
  registerFilterGradients();
  registerConvolutions();
  registerLstm();
  registerMatMul();
  registerMaxPool();
  registerSegmentSum();
  registerIdentity();
  registerSmallArithmetic();
  registerUnpack();
}

/**
 * Puts our WebAssembly module beside the one of `backend` (`tf.backend()` once the WASM backend is ready), on up to `threads` threads.
 * A second call gives the module of the first. Throws where WebAssembly SIMD is missing.
 */
export async function attachWasmModule(backend: BackendWasm, threads: number): Promise<WasmModule> {
  const attached = moduleOf(backend);
  if (attached !== undefined) return attached;
  const module = await instantiate(backend, threads);
  setModule(backend, module);
  return module;
}
