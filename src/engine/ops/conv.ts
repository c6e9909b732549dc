/** Convolutions of every kind from the two that TensorFlow.js can differentiate: plain and depthwise, undilated. */
import * as tf from "@tensorflow/tfjs-core";
import { isDepthwise, type GraphNode, type Padding, type Pair } from "../../core/graph";

export type ConvNode = GraphNode & { readonly op: "conv" };

/** Explicit zero padding in the form of tf.conv2d and the pooling ops. */
export const explicitPadding = ({ top, right, bottom, left }: Padding): tf.backend_util.ExplicitPadding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** x [batch, H, W, C] convolved with w [kh, kw, C / groups, filters], or [kh, kw, C, multiplier] if depthwise. */
export function convolve(x: tf.Tensor4D, w: tf.Tensor4D, node: ConvNode): tf.Tensor4D {
  const channels = x.shape[3];
  const filter = dilate(w, node.dilation);
  const stride: [number, number] = [...node.stride];
  const padding = explicitPadding(node.padding);
  if (isDepthwise(node, channels)) return tf.depthwiseConv2d<tf.Tensor4D>(x, filter, stride, padding);
  if (node.groups === 1) return tf.conv2d<tf.Tensor4D>(x, filter, stride, padding);
  const inputs = tf.split(x, node.groups, 3);
  const filters = tf.split(filter, node.groups, 3);
  return tf.concat(
    inputs.map((input, group) => tf.conv2d(input as tf.Tensor4D, filters[group] as tf.Tensor4D, stride, padding)),
    3,
  );
}

/** [n, 1, m] with `step` - 1 rows of zeros after each row, [n, step, m]. */
const spread = (rows: tf.Tensor3D, step: number): tf.Tensor3D =>
  tf.pad(rows, [
    [0, 0],
    [0, step - 1],
    [0, 0],
  ]);

/** Spreads a filter by zeros. TensorFlow.js refuses to differentiate dilated convolutions; this costs only a larger filter. */
function dilate(w: tf.Tensor4D, [dh, dw]: Pair): tf.Tensor4D {
  if (dh === 1 && dw === 1) return w;
  const [kh, kw, inputs, outputs] = w.shape;
  // One axis at a time: the WebGPU backend pads tensors of rank 5 wrongly.
  const rows = spread(tf.reshape(w, [kh, 1, kw * inputs * outputs]), dh);
  const columns = spread(tf.reshape(rows, [kh * dh * kw, 1, inputs * outputs]), dw);
  const full: tf.Tensor4D = tf.reshape(columns, [kh * dh, kw * dw, inputs, outputs]);
  return tf.slice(full, [0, 0, 0, 0], [(kh - 1) * dh + 1, (kw - 1) * dw + 1, inputs, outputs]);
}
