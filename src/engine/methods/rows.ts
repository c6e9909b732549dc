import * as tf from "@tensorflow/tfjs-core";

/** Rows of a matrix. TensorFlow.js cannot differentiate `unstack` when there is only one. */
export const rowsOf = (matrix: tf.Tensor): readonly tf.Tensor[] =>
  matrix.shape[0] === 1 ? [tf.reshape(matrix, [-1])] : tf.unstack(matrix);
