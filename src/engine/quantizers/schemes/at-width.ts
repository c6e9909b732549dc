/** Schemes whose widths are learned (AutoQNN's precision learning, QPL). */
import * as tf from "@tensorflow/tfjs-core";
import { schemeMix } from "../../kernels/ops";
import { detached } from "../../ops/detached";

/** A width as a kernel takes it. */
export interface Width {
  /** The scheme there, [1, 12]. */
  readonly row: tf.Tensor2D;
  /** A one, [1], by which the gradient goes back to the width. */
  readonly one: tf.Tensor1D;
}

/** Rows of each layer's scheme at its widths. */
export interface WidthTable {
  /** All of them, layer after layer, [rows, 12]. */
  readonly table: tf.Tensor2D;
  /** What leads from a layer's width to its row, [layers]. */
  readonly offset: tf.Tensor1D;
}

/**
 * The whole widths nearest to `bits` [layers], a few operations for all layers, as rows of the table. Backward for a width b, over a range R with the step `a = R / (2^b - 1)` and the quantized v^:
 * `dv^/db = (v^ - v) / a da/db` where the gradient of v passes, `v^ / a da/db` elsewhere, `da/db = -a 2^b ln 2 / (2^b - 1)`.
 */
export function widthsOf(bits: tf.Tensor1D, { table, offset }: WidthTable): readonly Width[] {
  const rows = detached(() => tf.gather(table, tf.cast(tf.add(tf.round(bits), offset), "int32")));
  const ones = tf.customGrad((b, save) => {
    (save as tf.GradSaveFunc)([b as tf.Tensor]);
    return {
      value: tf.onesLike(b as tf.Tensor),
      gradFunc: (along: tf.Tensor, saved: tf.Tensor[]) => {
        const levels = tf.exp(tf.mul(tf.round(saved[0] as tf.Tensor), Math.LN2));
        return tf.mul(along, tf.div(tf.mul(levels, -Math.LN2), tf.sub(levels, 1)));
      },
    };
  })(bits) as tf.Tensor1D;
  const oneOfEach = piecesOf(ones);
  return piecesOf(rows).map((row, i) => ({ row, one: oneOfEach[i] as tf.Tensor1D }));
}

/** x at a width, scaled by its `statistics` [13], which are constants. Straight-through for x, as the scheme has it. */
export const quantizeAtWidth = <T extends tf.Tensor>(x: T, { row, one }: Width, statistics: tf.Tensor1D): T =>
  schemeMix(x, row, statistics, one, { learned: true, errors: true });

/** One along the first axis each. TensorFlow.js cannot differentiate a split into one. */
const piecesOf = <T extends tf.Tensor>(whole: T): readonly T[] =>
  whole.shape[0] === 1 ? [whole] : tf.split(whole, whole.shape[0] as number);
