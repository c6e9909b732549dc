/** Gradients beside finite differences, on whichever backend is open. */
import * as tf from "@tensorflow/tfjs-core";
import { createGraph, NO_PADDING, type GraphNode, type Operation } from "../../core/graph";
import { createRandom } from "../../core/random";
import { FLOAT, forward } from "../forward";
import { createNetwork, disposeNetwork, makeVariable } from "../network";

const random = createRandom("ops");
const INPUT: readonly [number, number, number] = [7, 6, 4];

/** What imported networks have besides the operations of the built-in ones. */
export const FURTHER_OPERATIONS: [string, Operation][] = [
  ["clipping", { op: "clip", min: -0.7, max: 0.9 }],
  ["a leaky ReLU", { op: "leakyRelu", slope: 0.2 }],
  ["a sigmoid", { op: "sigmoid" }],
  ["a hyperbolic tangent", { op: "tanh" }],
  ["an ELU", { op: "elu" }],
  ["swish", { op: "swish" }],
  ["a hard sigmoid", { op: "hardSigmoid", slope: 0.25, offset: 0.4, gated: false }],
  ["hard swish", { op: "hardSigmoid", slope: 1 / 6, offset: 0.5, gated: true }],
  ["local response normalisation", { op: "lrn", size: 3, alpha: 0.3, beta: 0.75, offset: 1 }],
  ["an affine map for each channel", { op: "affine", scale: [1, -2, 0.5, 3], shift: [0, 1, 0, -1] }],
  ["a product with a gate", { op: "multiply" }],
  ["a transposition", { op: "transpose", order: [2, 0, 1] }],
  ["another shape", { op: "reshape", shape: [6, 28] }],
  ["padding", { op: "pad", padding: { top: 1, right: 0, bottom: 2, left: 1 }, value: 0.5 }],
  [
    "average pooling in which padding counts",
    {
      ...{ op: "averagePool", kernel: [3, 2], stride: [2, 1], padding: { top: 1, right: 1, bottom: 2, left: 0 } },
      counted: { top: 1, right: 1, bottom: 0, left: 0 },
    },
  ],
];

/** Loss of one layer as a function of its input and parameters, with analytic gradients beside central differences. */
export async function gradientError(operation: Operation): Promise<number> {
  const second = operation.op === "multiply" ? ["gate"] : [];
  const nodes: GraphNode[] = [
    { name: "input", inputs: [], op: "input", shape: INPUT },
    // A gate for each channel out of the same input.
    { name: "gate", inputs: ["input"], op: "maxPool", kernel: [7, 6], stride: [7, 6], padding: NO_PADDING },
    { ...operation, name: "layer", inputs: ["input", ...second] },
  ].filter(({ name }) => name !== "gate" || second.length > 0) as GraphNode[];
  const network = createNetwork(createGraph("one", nodes), random.fork("weights"));
  const size = 2 * INPUT.reduce((a, b) => a * b);
  // Away from zero, where the ReLUs have their kink.
  const values = Float32Array.from(
    { length: size },
    () => (random.uniform() < 0.5 ? -1 : 1) * (0.05 + Math.abs(random.normal())),
  );
  const weights = [...network.trainable.values()];
  const output = (x: tf.Tensor): tf.Tensor => forward(network, x, FLOAT, { training: false }).logits;
  const make = (data: Float32Array): tf.Tensor4D => tf.tensor4d(data, [2, ...INPUT]);
  const upstream = tf.tidy(() => {
    const { shape, size: count } = output(make(values));
    return tf.tensor(
      Float32Array.from({ length: count }, () => random.normal()),
      shape,
    );
  });
  const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(output(x), upstream)) as tf.Scalar;
  const x = makeVariable(make(values), true);
  const { value, grads } = tf.variableGrads(() => loss(x), [x, ...weights]);
  let worst = 0;
  for (const variable of [x, ...weights]) {
    const gradient = await (grads[variable.name] as tf.Tensor).data();
    const before = Float32Array.from(await variable.data());
    for (let trial = 0; trial < 12; trial++) {
      const i = random.integer(before.length);
      // Operations are linear in each argument, or smooth, but for kinks of maxima: a small step stays on one side.
      const h = 1e-2;
      const at = async (offset: number): Promise<number> => {
        const moved = Float32Array.from(before);
        moved[i] = (moved[i] as number) + offset;
        const value = tf.tidy(() => {
          variable.assign(tf.tensor(moved, variable.shape));
          return loss(x);
        });
        const [number = NaN] = await value.data();
        value.dispose();
        return number;
      };
      const numeric = ((await at(h)) - (await at(-h))) / (2 * h);
      tf.tidy(() => variable.assign(tf.tensor(before, variable.shape)));
      worst = Math.max(worst, Math.abs(numeric - (gradient[i] as number)) / (1 + Math.abs(numeric)));
    }
  }
  tf.dispose([x, value, upstream, ...Object.values(grads)]);
  disposeNetwork(network);
  return worst;
}
