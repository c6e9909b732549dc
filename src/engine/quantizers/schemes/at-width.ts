/** A scheme whose width is learned (AutoQNN's precision learning, QPL). */
import * as tf from "@tensorflow/tfjs-core";
import { KERNELS } from "../../kernels/contract";

/**
 * x quantized at the width nearest to `bits` [1]; `table` [widths, 12] holds the scheme's row at each width from `least` on, `statistics`
 * [13] are constants. Backward for x: straight-through, as the scheme has it. Backward for the width b, over a range R with the step
 * `a = R / (2^b - 1)` and the quantized v^: `dv^/db = (v^ - v) / a da/db` where the gradient of v passes, `v^ / a da/db` elsewhere,
 * `da/db = -a 2^b ln 2 / (2^b - 1)`.
 */
export function quantizeAtWidth<T extends tf.Tensor>(
  x: T,
  bits: tf.Tensor1D,
  { table, least }: { readonly table: tf.Tensor2D; readonly least: number },
  statistics: tf.Tensor1D,
): T {
  const run = <R>(kernel: string, inputs: tf.NamedTensorMap, learned: boolean): R =>
    tf.engine().runKernel(kernel, inputs, { learned }) as R;
  const inputs = (v: tf.Tensor, b: tf.Tensor, rows: tf.Tensor, known: tf.Tensor): tf.NamedTensorMap => ({
    x: v,
    rows: tf.gather(rows, tf.cast(tf.sub(tf.round(b), least), "int32")),
    statistics: known,
    p: tf.ones([1]),
  });
  const operation = tf.customGrad((v, b, save) => {
    // What the backward pass needs is kept until then; other tensors of the forward pass are gone.
    (save as tf.GradSaveFunc)([v as tf.Tensor, b as tf.Tensor, table, statistics]);
    return {
      value: run<tf.Tensor>(KERNELS.schemeMix, inputs(v as tf.Tensor, b as tf.Tensor, table, statistics), false),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [from, width, rows, known] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const [dx, along] = run<[tf.Tensor, tf.Tensor]>(KERNELS.schemeMixGrad, { ...inputs(from, width, rows, known), dy }, true);
        const levels = tf.exp(tf.mul(tf.round(width), Math.LN2));
        const slope = tf.div(tf.mul(levels, -Math.LN2), tf.sub(levels, 1));
        return [dx, tf.mul(slope, tf.sub(along, tf.sum(tf.mul(dx, from))))];
      },
    };
  });
  return operation(x, bits) as T;
}
