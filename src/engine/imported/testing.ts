/** What tests of imported networks share. */
import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Shape } from "../../core/graph";
import type { ImportedNetwork } from "../../core/imported";
import { createRandom } from "../../core/random";
import { FLOAT, forward } from "../forward";
import { createNetwork, disposeNetwork, type NetworkValues } from "../network";

/** Outputs of a graph with these values on inputs [batch, ...shape], before a last softmax. */
export function outputsOf(graph: Graph, values: NetworkValues, inputs: Float32Array, shape: Shape): Float32Array {
  const network = createNetwork(graph, createRandom(1), values);
  const outputs = tf.tidy(() => {
    const type = shape.length === 1 && graph.nodes.some(({ op }) => op === "embedding") ? "int32" : "float32";
    const batch = inputs.length / shape.reduce((product, size) => product * size, 1);
    const x = tf.tensor(type === "int32" ? Int32Array.from(inputs) : inputs, [batch, ...shape], type);
    return forward(network, x, FLOAT, { training: false }).logits.dataSync() as Float32Array;
  });
  disposeNetwork(network);
  return outputs;
}

/** The same of an imported network. */
export const runImported = ({ build, values }: ImportedNetwork, inputs: Float32Array, shape: Shape): Float32Array =>
  outputsOf(build(shape), values, inputs, shape);

/** Softmax over rows of `classes` numbers. */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  return tf.tidy(() => tf.softmax(tf.tensor2d(logits, [logits.length / classes, classes])).dataSync() as Float32Array);
}

/** The largest difference between two lists of numbers. */
export const farthest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  a.length === b.length ? Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0) : Infinity;
