/** `tf.relu` in one pass with the batch normalisation before it. */
import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { normaliseFor } from "./normalise";

/** The stock kernel stays for everything else. A NaN stays one in both. */
export const reluOfNormalised =
  (stock: KernelFunc): KernelFunc =>
  (call) =>
    normaliseFor(call.backend as WebGPUBackend, (call.inputs as Record<"x", TensorInfo>).x, RELU) ?? stock(call);

const RELU = { key: "relu", inputs: [], tensors: [], declarations: "", constants: "", result: "select(v, 0.0, v < 0.0)" };
