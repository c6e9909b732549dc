/** Long short-term memory, unrolled through time. */
import * as tf from "@tensorflow/tfjs-core";
import type { GraphNode } from "../../core/graph";
import { lstmCell } from "../kernels/ops";

type LstmNode = GraphNode & { readonly op: "lstm" };

/** The four gates side by side, in the order of `GATES`. */
interface LstmParameters {
  /** [features + units, 4 units]: quantized once, used at every time step. */
  readonly weight: tf.Tensor2D;
  /** [4 units] */
  readonly bias: tf.Tensor1D;
}

/**
 * x [batch, length, features] to all output states [batch, length, units], or to the last one [batch, units]. States start at zero.
 * `quantize` is applied to [x_t, h_{t-1}] at each step: one tensor, quantized once for the four gates.
 */
export function lstm(
  x: tf.Tensor3D,
  { weight, bias }: LstmParameters,
  { units, returns }: LstmNode,
  quantize: (joined: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor {
  const [batch] = x.shape;
  let h: tf.Tensor2D = tf.zeros([batch, units]);
  let c: tf.Tensor2D = tf.zeros([batch, units]);
  const states: tf.Tensor2D[] = [];
  for (const input of tf.unstack(x, 1) as tf.Tensor2D[]) {
    const joined = quantize(tf.concat([input, h], 1));
    ({ h, next: c } = lstmCell(tf.matMul(joined, weight), bias, c));
    states.push(h);
  }
  return returns === "last" ? h : tf.stack(states, 1);
}
