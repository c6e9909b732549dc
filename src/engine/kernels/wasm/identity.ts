/** `Identity` (every clone and every tensor saved for a gradient) as a reference count; the stock kernel copies. */
import * as tf from "@tensorflow/tfjs-core";
import { register, stockKernel, input } from "./register";

export function registerIdentity(): void {
  const stock = stockKernel(tf.Identity);
  register(tf.Identity, (call) => {
    const x = input(call, "x");
    if (x.dtype === "string") return stock({ inputs: call.inputs, backend: call.backend });
    call.backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  });
}
