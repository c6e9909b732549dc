/** Runs a graph on TensorFlow.js, calling the quantization where a searched layer's weight or input sits. */
import * as tf from "@tensorflow/tfjs-core";
import { GATES, type Graph, type GraphNode } from "../core/graph";
import { gateName } from "../core/layers";
import { createRandom, type Random } from "../core/random";
import { siteId, type Role } from "../core/search";
import { batchNormTrain } from "./kernels/ops";
import type { Network } from "./network";
import { convolve } from "./ops/conv";
import { lstm } from "./ops/lstm";
import { relu } from "./ops/relu";
import { compute } from "./ops/compute";

/** How one forward pass treats the tensors of the costly layers. */
export interface Quantization {
  /**
   * What enters the layer in place of `x`: usually one tensor; several weight tensors mean that the layer is applied with each and the
   * results are added. `[x]` leaves the layer in float. In training, what follows the data may move.
   */
  readonly quantize: <T extends tf.Tensor>(layer: string, role: Role, x: T, training: boolean) => readonly T[];
  /** Whether the layer's input is quantized by something that maps negative values to zero. */
  readonly rectifies: (layer: string) => boolean;
}

/** A quantization that can start what it learns from the data. */
export interface Calibrated extends Quantization {
  readonly calibrate: (layer: string, role: Role, x: tf.Tensor) => void;
}

/** A network without quantizers. */
export const FLOAT: Quantization = { quantize: (_layer, _role, x) => [x], rectifies: () => false };

/** What batch norms normalise with in evaluation: the statistics that training left, or those of the batch. */
export type Statistics = "running" | "batch";

export type Mode =
  | { readonly training: false; readonly statistics?: Statistics }
  /** `random` feeds dropout. */
  | { readonly training: true; readonly random: Random };

export interface Forward {
  /** [batch, classes], before any softmax; [batch * length, classes] of a network that answers at every position. */
  readonly logits: tf.Tensor2D;
  /** Outputs of all nodes. */
  readonly values: ReadonlyMap<string, tf.Tensor>;
  /** New running statistics by name, in training mode. The caller assigns and disposes them. */
  readonly running: ReadonlyMap<string, tf.Tensor>;
}

/** Runs the network on x [batch, ...input shape]. */
export function forward(network: Network, x: tf.Tensor, quantization: Quantization, mode: Mode): Forward {
  const { graph } = network;
  const values = new Map<string, tf.Tensor>();
  const running = new Map<string, tf.Tensor>();
  const consumers = consumersOf(graph);
  const once = quantizedOnce(quantization, mode.training);
  const run = (node: GraphNode): tf.Tensor => {
    const input = (i: number): tf.Tensor => values.get(node.inputs[i] as string) as tf.Tensor;
    const owner = node.weightOf ?? node.name;
    const parameter = (name: string): tf.Variable => network.trainable.get(`${owner}.${name}`) as tf.Variable;
    switch (node.op) {
      case "input":
        return x;
      case "conv":
      case "dense": {
        const quantized = once(node.inputOf ?? node.name, "activation", input(0))[0] as tf.Tensor;
        const weights = once<tf.Tensor>(owner, "weight", parameter("weight"));
        const products = weights.map((weight) => applyLayer(node, quantized, weight));
        const sum = products.length === 1 ? (products[0] as tf.Tensor) : tf.addN(products);
        return node.bias ? tf.add(sum, parameter("bias")) : sum;
      }
      case "embedding":
        return tf.gather(parameter("weight"), input(0) as tf.Tensor2D);
      case "lstm": {
        const gates = GATES.map((gate) => {
          const terms = once(gateName(owner, gate), "weight", parameter(`${gate}.weight`));
          return (terms.length === 1 ? terms[0] : tf.addN([...terms])) as tf.Tensor2D;
        });
        const weight = tf.concat(gates, 1);
        const bias = tf.concat(GATES.map((gate) => parameter(`${gate}.bias`) as tf.Tensor as tf.Tensor1D));
        // Another tensor at every time step.
        const quantized = (joined: tf.Tensor2D): tf.Tensor2D =>
          quantization.quantize(gateName(node.name, GATES[0]), "activation", joined, mode.training)[0] as tf.Tensor2D;
        return lstm(input(0) as tf.Tensor3D, { weight, bias }, node, quantized);
      }
      case "batchNorm": {
        const gamma = parameter("weight") as tf.Tensor as tf.Tensor1D;
        const beta = parameter("bias") as tf.Tensor as tf.Tensor1D;
        const statistic = (name: string): tf.Tensor1D => network.running.get(`${node.name}.${name}`) as tf.Tensor as tf.Tensor1D;
        const [mean, variance] = [statistic("mean"), statistic("variance")];
        if (!mode.training && mode.statistics !== "batch")
          return tf.batchNorm(input(0), mean, variance, beta, gamma, node.epsilon);
        const result = batchNormTrain(input(0), gamma, beta, { mean, variance }, node);
        if (!mode.training) return result.y;
        running.set(`${node.name}.mean`, tf.keep(result.runningMean));
        running.set(`${node.name}.variance`, tf.keep(result.runningVariance));
        return result.y;
      }
      case "relu": {
        const users = consumers.get(node.name) ?? [];
        // The quantizer of every consumer is a ReLU itself.
        const absorbed = users.length > 0 && users.every((user) => quantization.rectifies(user));
        return absorbed ? input(0) : relu(input(0));
      }
      case "dropout":
        return mode.training ? dropOut(input(0), node.rate, mode.random) : input(0);
      case "softmax":
        // The loss takes logits; a final softmax changes neither the loss's meaning nor the predicted class.
        return node === graph.nodes.at(-1) ? input(0) : tf.softmax(input(0));
      case "relu6":
      case "clip":
      case "leakyRelu":
      case "sigmoid":
      case "tanh":
      case "elu":
      case "swish":
      case "hardSigmoid":
      case "maxPool":
      case "averagePool":
      case "globalAveragePool":
      case "lrn":
      case "affine":
      case "add":
      case "multiply":
      case "concat":
      case "flatten":
      case "reshape":
      case "transpose":
      case "pad":
      case "resize":
      case "channels":
        return compute(
          node,
          node.inputs.map((_, i) => input(i)),
        );
    }
  };
  for (const node of graph.nodes) values.set(node.name, run(node));
  const last = values.get((graph.nodes.at(-1) as GraphNode).name) as tf.Tensor;
  return { logits: (last.rank === 3 ? tf.reshape(last, [-1, last.shape[2] as number]) : last) as tf.Tensor2D, values, running };
}

/** Starts what the quantizers learn from a batch x, layer after layer, each seeing what those before it make of the batch. */
export function calibrate(network: Network, x: tf.Tensor, quantization: Calibrated): void {
  tf.tidy(() => {
    const watching: Quantization = {
      ...quantization,
      quantize: (layer, role, tensor, training) => {
        quantization.calibrate(layer, role, tensor);
        return quantization.quantize(layer, role, tensor, training);
      },
    };
    observe(network, x, watching);
  });
}

/** Shows a batch x to quantizers that follow the data. Nothing else changes. */
export function observe(network: Network, x: tf.Tensor, quantization: Quantization): void {
  tf.tidy(() => {
    // In training mode, so that batch norms use this batch's statistics; what they say about the running ones is dropped.
    const { running } = forward(network, x, quantization, { training: true, random: createRandom("calibration") });
    tf.dispose([...running.values()]);
  });
}

/** Quantizes each tensor once in a pass, however many layers read it. */
function quantizedOnce(
  quantization: Quantization,
  training: boolean,
): <T extends tf.Tensor>(layer: string, role: Role, x: T) => readonly T[] {
  const known = new Map<string, readonly tf.Tensor[]>();
  return <T extends tf.Tensor>(layer: string, role: Role, x: T) => {
    const site = siteId(layer, role);
    const found = known.get(site) ?? quantization.quantize(layer, role, x, training);
    known.set(site, found);
    return found as readonly T[];
  };
}

function applyLayer(node: GraphNode & { readonly op: "conv" | "dense" }, x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  if (node.op === "conv") return convolve(x as tf.Tensor4D, weight as tf.Tensor4D, node);
  if (x.rank === 2) return tf.matMul(x, weight);
  // All positions as rows of one product.
  const [batch = 0, length = 0, features = 0] = x.shape;
  return tf.reshape(tf.matMul(tf.reshape(x, [batch * length, features]), weight), [batch, length, -1]);
}

/** Inverted dropout with a mask from the run's own generator. */
function dropOut(x: tf.Tensor, rate: number, random: Random): tf.Tensor {
  if (rate === 0) return x;
  const mask = Float32Array.from({ length: x.size }, () => (random.uniform() < rate ? 0 : 1 / (1 - rate)));
  return tf.mul(x, tf.tensor(mask, x.shape));
}

const consumerCache = new WeakMap<Graph, ReadonlyMap<string, readonly string[]>>();

/** Names of the nodes that read each node. */
function consumersOf(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const known = consumerCache.get(graph);
  if (known) return known;
  const consumers = new Map<string, string[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node.name]);
  }
  consumerCache.set(graph, consumers);
  return consumers;
}
