/** Gradient of max pooling. The stock kernel takes the first input of a window whose inputs are all negative. */
import * as tf from "@tensorflow/tfjs-core";
import { MAX_POOL_GRAD } from "./kernel-ids";
import { address, input, output, register, type Call } from "./register";
import { windowInts } from "./window";

export function registerMaxPool(): void {
  register(tf.MaxPoolGrad, (call: Call<tf.MaxPoolGradAttrs>) => {
    const [x, dy] = [input(call, "input"), input(call, "dy")];
    const { filterSize, strides, pad, dimRoundingMode } = call.attrs;
    const shape = x.shape as [number, number, number, number];
    const window = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const dx = output(call, x.shape);
    const tensors = [x, dy, dx].map((tensor) => address(call, tensor));
    call.module.run(MAX_POOL_GRAD, window.batchSize, [...tensors, ...windowInts(window)]);
    return dx;
  });
}
