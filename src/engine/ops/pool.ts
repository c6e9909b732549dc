import * as tf from "@tensorflow/tfjs-core";
import type { GraphNode, Padding } from "../../core/graph";
import { NO_PADDING } from "../../core/graph";
import { explicitPadding } from "./conv";

type PoolNode = GraphNode & { readonly op: "maxPool" | "averagePool" };

/** Pooling over windows; padded pixels never win a maximum, and count in an average where the node says so. */
export function pool(x: tf.Tensor4D, node: PoolNode): tf.Tensor4D {
  const [kernel, stride] = [[...node.kernel] as [number, number], [...node.stride] as [number, number]];
  if (node.op === "maxPool") return tf.maxPool(x, kernel, stride, explicitPadding(node.padding));
  if (Object.values(node.padding).every((pixels) => pixels === 0)) return tf.avgPool(x, kernel, stride, "valid");
  // The gradient of a padded tf.avgPool divides by the whole window where its forward pass divides by the real pixels.
  const padded = tf.avgPool(tf.pad(x, explicitPadding(node.padding)), kernel, stride, "valid");
  return tf.mul(padded, windowShares(padded, x, node));
}

/** Window size over the number of pixels that count in each window, [1, height, width, 1]. */
function windowShares(
  { shape: [, height, width] }: tf.Tensor4D,
  x: tf.Tensor4D,
  { kernel, stride, padding, counted = NO_PADDING }: PoolNode & { readonly op: "averagePool" },
): tf.Tensor4D {
  const counting = (
    outputs: number,
    inputs: number,
    axis: 0 | 1,
    before: keyof Padding,
    after: keyof Padding,
  ): readonly number[] =>
    Array.from({ length: outputs }, (_, i) => {
      const from = i * stride[axis] - padding[before];
      return Math.min(from + kernel[axis], inputs + counted[after]) - Math.max(from, -counted[before]);
    });
  const rows = counting(height, x.shape[1], 0, "top", "bottom");
  const columns = counting(width, x.shape[2], 1, "left", "right");
  const window = kernel[0] * kernel[1];
  return tf.tensor4d(
    rows.flatMap((row) => columns.map((column) => window / Math.max(1, row * column))),
    [1, height, width, 1],
  );
}
