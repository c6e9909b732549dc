import * as tf from "@tensorflow/tfjs-core";

/**
 * What `compute` gives, as a constant for the gradient: no part of it is on the tape. TensorFlow.js would carry zeros back through
 * operations such as `floor`, and kernels that run inside another one are not recorded.
 */
export function detached<T extends tf.Tensor>(compute: () => T): T {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T;
}
