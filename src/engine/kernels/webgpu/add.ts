/** `tf.add`, the sum at the end of a residual block: in one pass with the batch normalisation before it. */
import { util, type KernelFunc, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { normaliseFor } from "./normalise";

/** The stock kernel stays for everything else. */
export function addToNormalised(stock: KernelFunc): KernelFunc {
  return (call) => {
    const backend = call.backend as WebGPUBackend;
    const { a, b } = call.inputs as Record<"a" | "b", TensorInfo>;
    const alike = a.dtype === "float32" && b.dtype === "float32" && util.arraysEqual(a.shape, b.shape);
    // A buffer cannot be read and written in one dispatch.
    if (!alike || a.dataId === b.dataId) return stock(call);
    return along(backend, a, b) ?? along(backend, b, a) ?? stock(call);
  };
}

function along(backend: WebGPUBackend, normalised: TensorInfo, other: TensorInfo): TensorInfo | null {
  return normaliseFor(backend, normalised, {
    key: "add",
    inputs: ["other: f32"],
    tensors: [other],
    declarations: "",
    constants: "",
    result: "v + other[i]",
  });
}
