/** What the parameters of a new network hold before training. */
import * as tf from "@tensorflow/tfjs-core";
import { ownParameterShapes, shapeOf, type Graph, type GraphNode, type Shape } from "../core/graph";
import type { Random } from "../core/random";

/** One parameter of a graph. */
export interface Parameter {
  /** "conv1.weight", "lstm1.forget.bias" */
  readonly name: string;
  readonly op: GraphNode["op"];
  /** The name within its node: "weight", "forget.bias". */
  readonly role: string;
  readonly shape: Shape;
  /** Features or channels that enter the node. */
  readonly inputs: number;
}

/** All parameters of a graph, in its order. */
export function parametersOf(graph: Graph): readonly Parameter[] {
  return graph.nodes.flatMap((node) => {
    const inputs = shapeOf(graph, node.inputs[0] ?? node.name).at(-1) as number;
    return Object.entries(ownParameterShapes(graph, node)).map(([role, shape]) => ({
      name: `${node.name}.${role}`,
      op: node.op,
      role,
      shape,
      inputs,
    }));
  });
}

/** Bias of a forget gate at the start: what the cell holds is kept until it learns otherwise (Gers et al. 2000; Jozefowicz et al. 2015). */
const FORGET_BIAS = 1;

/** Of the symbols' vectors at the start: about what an LSTM's states have, with which they are quantized as one tensor. */
const EMBEDDING_DEVIATION = 0.3;

/**
 * A tensor to start a parameter with: convolutions He-normal (fan-out, as the published residual networks) with zero biases, batch norms
 * one and zero, dense layers as PyTorch's nn.Linear starts them, which the published networks leave as it is. Gates of an LSTM have the
 * variance 1 / fan-in, since their functions are no ReLUs, and the forget gate is open.
 */
export function initialValue({ op, role, shape, inputs }: Parameter, random: Random): tf.Tensor {
  if (op === "lstm" && role === "forget.bias") return tf.fill([...shape], FORGET_BIAS);
  // The gradient of every layer before is proportional to the classifier's weights: 2.4 times larger ones, as He et al. have them for
  // layers with a ReLU behind, give 1-bit weights another training and two points more on the CIFAR-10 subset than published.
  if (op === "dense") return uniform(shape, 1 / Math.sqrt(inputs), random);
  if (role.endsWith("bias")) return tf.zeros([...shape]);
  if (op === "batchNorm") return tf.ones([...shape]);
  if (op === "lstm") return normal(shape, Math.sqrt(1 / (shape[0] as number)), random);
  return op === "embedding" ? normal(shape, EMBEDDING_DEVIATION, random) : heNormal(shape, random);
}

/** Of a convolution, [height, width, inputs, outputs]: variance 2 / fan-out. */
const heNormal = (shape: Shape, random: Random): tf.Tensor =>
  normal(shape, Math.sqrt(2 / ((shape[0] as number) * (shape[1] as number) * (shape[3] as number))), random);

const normal = (shape: Shape, deviation: number, random: Random): tf.Tensor => filled(shape, () => deviation * random.normal());

/** Values in [-bound, bound). */
const uniform = (shape: Shape, bound: number, random: Random): tf.Tensor =>
  filled(shape, () => bound * (2 * random.uniform() - 1));

function filled(shape: Shape, next: () => number): tf.Tensor {
  const length = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(Float32Array.from({ length }, next), [...shape]);
}
