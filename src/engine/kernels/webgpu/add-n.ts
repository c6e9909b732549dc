/** `tf.addN` of any number of tensors. The stock kernel binds them all at once, and a device drops a dispatch with too many. */
import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** Calls the stock kernel with as many tensors at a time as the device can bind beside the result. */
export function addInGroups(stock: KernelFunc): KernelFunc {
  return ({ inputs, backend }) => {
    const gpu = backend as WebGPUBackend;
    const most = gpu.device.limits.maxStorageBuffersPerShaderStage - 1;
    const add = (terms: readonly TensorInfo[]) => stock({ inputs: terms as never, backend, attrs: {} }) as TensorInfo;
    const terms = inputs as unknown as readonly TensorInfo[];
    let sum = add(terms.slice(0, most));
    for (let next = most; next < terms.length; next += most - 1) {
      const before = sum;
      sum = add([before, ...terms.slice(next, next + most - 1)]);
      gpu.disposeData(before.dataId);
    }
    return sum;
  };
}
