/** ReLU6 whose backward pass is one kernel: that of TensorFlow.js's own is five, and takes nearly half of a MobileNet's training step. */
import * as tf from "@tensorflow/tfjs-core";
import { KERNELS } from "../kernels/contract";

/** The gradient passes strictly between 0 and 6, as PyTorch's does: from the least to the largest float32 there. */
const PASS = [2 ** -126, 6 - 2 ** -21] as const;

/** min(max(x, 0), 6) */
export function relu6<T extends tf.Tensor>(x: T): T {
  const clip = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: tf.clipByValue(input as tf.Tensor, 0, 6),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => passed(saved[0] as tf.Tensor, dy),
    };
  });
  return clip(x) as T;
}

/** `dy` where x passes it: the mask of a mixture with one candidate. */
function passed(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const grid = tf.tensor2d([[1, 0, 0, 0, ...PASS]]);
  const inputs = { x, grid, p: tf.ones([1]), dy };
  const [dx] = tf.engine().runKernel(KERNELS.mixActivationGrad, inputs, { learned: false }) as tf.Tensor[];
  return dx as tf.Tensor;
}
