/**
 * The same training steps from stock TensorFlow.js operations alone: what the engine's kernels are compared with. A mixture is a
 * softmax-weighted sum of fake-quantized tensors, batch normalisation is moments and their gradients, SGD four operations a variable.
 * Kernels that the stock WASM backend lacks are composed of those it has.
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { DEFAULT_KNOBS } from "../../src/core/config";
import type { GraphNode } from "../../src/core/graph";
import { layersOf } from "../../src/core/layers";
import { createRandom } from "../../src/core/random";
import { ROLES, type Role } from "../../src/core/search";
import { createNetwork, disposeNetwork, makeVariable, type Network } from "../../src/engine/network";
import { benchBatch, RATES } from "./batch";
import { composedConvolution, composedMixture } from "./composed-ops";
import { graphOf, type NetworkId } from "./networks";
import { CANDIDATES, type Training, type Variant } from "./trainings";

type Bits = Readonly<Record<Role, readonly number[]>>;

/** Named like those of `trainings.ts` that they correspond to. */
export const COMPOSED_VARIANTS: readonly Variant[] = [
  { name: "float", open: (network) => openComposed(network, null) },
  { name: "W2A2", open: (network) => openComposed(network, { weight: [2], activation: [2] }) },
  ...(["4x3", "8+8"] as const).map((name) => ({
    name: `EdMIPS ${name}`,
    open: (network: NetworkId) =>
      openComposed(network, { weight: CANDIDATES[name].weightBits, activation: CANDIDATES[name].activationBits }),
  })),
];

function openComposed(id: NetworkId, bits: Bits | null): Training {
  const network = createNetwork(graphOf(id), createRandom("weights"));
  const searched = bits ? layersOf(network.graph).slice(1, -1) : [];
  const logits = new Map(
    searched.map(({ name }) => [name, { weight: logitsOf(bits?.weight), activation: logitsOf(bits?.activation) }]),
  );
  const architecture = [...logits.values()].flatMap((pair) => ROLES.flatMap((role) => pair[role] ?? []));
  const variables = [...network.trainable.values(), ...architecture];
  const velocities = variables.map((variable) => makeVariable(tf.zeros(variable.shape), false));
  const batch = benchBatch();
  const sizes = new Map(searched.map(({ name, sizeProduct }) => [name, sizeProduct / (searched[0]?.sizeProduct ?? 1)]));

  const loss = (): { readonly task: tf.Scalar; readonly whole: tf.Scalar } => {
    const quantize = (layer: string, role: Role, x: tf.Tensor): tf.Tensor => {
      const own = logits.get(layer);
      return own && bits ? composedMixture(x, role, bits[role], own[role] && tf.softmax(own[role])) : x;
    };
    const task = crossEntropy(forward(network, batch.x, quantize), batch.labels);
    const penalties = [...logits].flatMap(([layer, pair]) => {
      const expected = ROLES.flatMap((role) => (pair[role] && bits ? [expectedBits(pair[role], bits[role])] : []));
      return expected.length === 2
        ? [tf.mul(tf.mul(expected[0] as tf.Tensor, expected[1] as tf.Tensor), sizes.get(layer) ?? 0)]
        : [];
    });
    return { task, whole: penalties.length > 0 ? tf.add(task, tf.mul(tf.addN(penalties), DEFAULT_KNOBS.lambda)) : task };
  };

  let task: tf.Scalar | null = null;
  return {
    step: () => {
      task?.dispose();
      return (task = tf.tidy(() => {
        const kept: { task: tf.Scalar | null } = { task: null };
        const { grads } = tf.variableGrads(() => {
          const parts = loss();
          kept.task = tf.keep(tf.clone(parts.task));
          return parts.whole;
        }, variables);
        variables.forEach((variable, i) => update(variable, velocities[i] as tf.Variable, grads[variable.name] as tf.Tensor));
        return kept.task as tf.Scalar;
      }));
    },
    dispose: () => {
      task?.dispose();
      disposeNetwork(network);
      tf.dispose([...architecture, ...velocities, batch.x, batch.labels]);
    },
  };
}

const logitsOf = (bits: readonly number[] = []): tf.Variable | null =>
  bits.length > 1 ? makeVariable(tf.fill([bits.length], 0.01), true) : null;

const expectedBits = (logits: tf.Variable, bits: readonly number[]): tf.Tensor =>
  tf.sum(tf.mul(tf.softmax(logits as tf.Tensor), tf.tensor1d([...bits])));

function forward(network: Network, x: tf.Tensor, quantize: (layer: string, role: Role, x: tf.Tensor) => tf.Tensor): tf.Tensor2D {
  const values = new Map<string, tf.Tensor>();
  const parameter = (node: GraphNode, name: string): tf.Tensor => network.trainable.get(`${node.name}.${name}`) as tf.Tensor;
  // As in the engine, the activation quantizer is the ReLU of the layer that it feeds.
  const quantized = (layer: string): boolean => quantize(layer, "weight", x) !== x;
  const run = (node: GraphNode): tf.Tensor => {
    const input = values.get(node.inputs[0] ?? "") ?? x;
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the operations of the one network that is compared
    switch (node.op) {
      case "input":
        return x;
      case "conv": {
        const w = quantize(node.name, "weight", parameter(node, "weight"));
        return composedConvolution(quantize(node.name, "activation", input) as tf.Tensor4D, w as tf.Tensor4D, node);
      }
      case "dense":
        return tf.add(tf.matMul(input as tf.Tensor2D, parameter(node, "weight") as tf.Tensor2D), parameter(node, "bias"));
      case "batchNorm":
        return batchNorm(network, node, input as tf.Tensor4D);
      case "relu":
        return network.graph.nodes.some((user) => user.inputs.includes(node.name) && quantized(user.name))
          ? input
          : tf.relu(input);
      case "globalAveragePool":
        return tf.mean(input, [1, 2]);
      default:
        throw new RangeError(`The composed network has no layer "${node.op}".`);
    }
  };
  for (const node of network.graph.nodes) values.set(node.name, run(node));
  return values.get(network.graph.nodes.at(-1)?.name ?? "") as tf.Tensor2D;
}

/** In training mode; moves the running statistics. */
function batchNorm(network: Network, node: GraphNode & { readonly op: "batchNorm" }, x: tf.Tensor4D): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const rows = x.size / (x.shape[3] ?? 1);
  const move = (name: string, batch: tf.Tensor): void => {
    const running = network.running.get(`${node.name}.${name}`) as tf.Variable;
    running.assign(tf.add(tf.mul(running, 1 - node.momentum), tf.mul(batch, node.momentum)));
  };
  move("mean", mean);
  move("variance", tf.mul(variance, rows / (rows - 1)));
  const [gamma, beta] = ["weight", "bias"].map((name) => network.trainable.get(`${node.name}.${name}`) as tf.Tensor) as [
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, beta, gamma, node.epsilon);
}

function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const right = tf.oneHot(labels, logits.shape[1]);
  return tf.neg(tf.mean(tf.sum(tf.mul(right, tf.logSoftmax(logits)), 1)));
}

function update(variable: tf.Variable, velocity: tf.Variable, gradient: tf.Tensor): void {
  const decayed = tf.add(gradient, tf.mul(variable, RATES.weightDecay));
  velocity.assign(tf.add(tf.mul(velocity, RATES.momentum), decayed));
  variable.assign(tf.sub(variable, tf.mul(velocity, RATES.weights)));
}
