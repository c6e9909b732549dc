/** Operations without parameters and without anything random: what a node makes of its inputs. */
import * as tf from "@tensorflow/tfjs-core";
import type { GraphNode, Operation } from "../../core/graph";
import { explicitPadding } from "./conv";
import { pool } from "./pool";
import { clip, relu6 } from "./relu";

type ComputedNode = Exclude<
  GraphNode,
  { readonly op: "input" | "conv" | "dense" | "embedding" | "lstm" | "batchNorm" | "relu" | "dropout" | "softmax" }
>;

/** The output, [batch, ...shape], of a node's inputs. */
export function compute(node: ComputedNode, inputs: readonly tf.Tensor[]): tf.Tensor {
  const [x, other] = inputs as [tf.Tensor, tf.Tensor];
  switch (node.op) {
    case "relu6":
      return relu6(x);
    case "clip":
      return clip(node.min, node.max)(x);
    case "leakyRelu":
      // TensorFlow.js cannot differentiate its kernel on every backend.
      return node.slope <= 1 ? tf.maximum(x, tf.mul(x, node.slope)) : tf.minimum(x, tf.mul(x, node.slope));
    case "sigmoid":
      return tf.sigmoid(x);
    case "tanh":
      return tf.tanh(x);
    case "elu":
      return tf.elu(x);
    case "swish":
      return tf.mul(x, tf.sigmoid(x));
    case "hardSigmoid": {
      const gate = clip(0, 1)(tf.add(tf.mul(x, node.slope), node.offset));
      return node.gated ? tf.mul(x, gate) : gate;
    }
    case "maxPool":
    case "averagePool":
      return pool(x as tf.Tensor4D, node);
    case "globalAveragePool":
      return tf.mean(x, [1, 2]);
    case "lrn":
      return tf.localResponseNormalization(x as tf.Tensor4D, (node.size - 1) / 2, node.offset, node.alpha / node.size, node.beta);
    case "affine":
      return affine(x, node);
    case "add":
      return inputs.reduce((a, b) => tf.add(a, b));
    case "multiply":
      return tf.mul(x, other);
    case "concat":
      return tf.concat([...inputs], -1);
    case "flatten":
      return tf.reshape(x, [x.shape[0], -1]);
    case "reshape":
      return tf.reshape(x, [x.shape[0], ...node.shape]);
    case "transpose":
      return tf.transpose(x, [0, ...node.order.map((axis) => axis + 1)]);
    case "pad":
      return tf.pad(x, explicitPadding(node.padding), node.value);
    case "resize":
      return tf.image.resizeBilinear(x as tf.Tensor4D, [...node.size], false, true);
    case "channels":
      return node.channels === 1 ? tf.mean(x, 3, true) : tf.tile(x, [1, 1, 1, node.channels / (x.shape[3] as number)]);
  }
}

/** Leaves out what changes nothing. */
function affine(x: tf.Tensor, { scale, shift }: Operation & { readonly op: "affine" }): tf.Tensor {
  const scaled = scale.every((factor) => factor === 1) ? x : tf.mul(x, tf.tensor1d([...scale]));
  return shift.every((offset) => offset === 0) ? scaled : tf.add(scaled, tf.tensor1d([...shift]));
}
