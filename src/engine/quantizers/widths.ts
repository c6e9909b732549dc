/** Bit-widths as the tensors of the fractional kernels: the two whole widths around each, and the share of the upper one. */
import * as tf from "@tensorflow/tfjs-core";
import type { Bits } from "../../core/search";

export interface Widths {
  /** [2, 1 or kernels]: floor and ceiling. */
  readonly widths: tf.Tensor2D;
  /** [1 or kernels], 0..1. */
  readonly share: tf.Tensor1D;
}

/** Fixed whole widths. The caller disposes both tensors. */
export function wholeWidths(bits: Bits): Widths {
  const list = typeof bits === "number" ? [bits] : [...bits];
  return { widths: tf.tensor2d([list, list]), share: tf.zeros([list.length]) };
}

/** Levels between 0 and 1 of the unit quantizer: `round((2^b - 1) v) / (2^b - 1)`, or `min(floor(2^b v), 2^b - 1) / 2^b` if modified. */
export function unitLevels(bits: number, modified: boolean): readonly number[] {
  const count = 2 ** bits;
  return Array.from({ length: count }, (_, q) => q / (modified ? count : count - 1));
}

/** Step between those levels, [kernels]; 0 for a pruned kernel. */
export function unitSteps({ widths }: Widths, modified: boolean): tf.Tensor1D {
  const [, kernels] = widths.shape;
  const bits: tf.Tensor1D = tf.reshape(tf.slice(widths, [0, 0], [1, kernels]), [kernels]);
  const counts = tf.pow(tf.scalar(2), bits);
  // 0 bits leave one level, and none to step to.
  const spaces = modified ? counts : tf.maximum(tf.sub(counts, 1), 1);
  return tf.mul(tf.div(1, spaces), tf.cast(tf.greater(bits, 0), "float32"));
}
