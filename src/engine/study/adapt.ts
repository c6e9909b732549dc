/**
 * Makes a trained network ready for quantization without changing what it computes in float. Layers whose batch normalisation was folded
 * away get one back that starts as the identity on the training data, since quantized layers change the scale of what they give; and
 * quantizers that are made for tensors of unit variance (HWGQ) get such ones.
 */
import * as tf from "@tensorflow/tfjs-core";
import { inputsOf, withBatchNorms, withScaledInputs } from "../../core/adapt-graph";
import type { Graph } from "../../core/graph";
import { evaluationBatch } from "../../core/memory";
import { createRandom } from "../../core/random";
import { evaluationBatches, sliceSplit, countOf } from "../datasets/batches";
import { upload } from "../evaluate";
import { FLOAT, forward } from "../forward";
import { createNetwork, disposeNetwork, type Network } from "../network";
import { isForUnitTensors } from "../quantizers/hwgq";
import type { Study } from "./study";

/** Training examples that the statistics are taken of. */
const EXAMPLES = 512;

/** The study with its network made ready; itself where nothing is trained yet or the configuration says so. */
export async function adaptStudy(study: Study): Promise<Study> {
  const { config, source, space } = study;
  if (!config.adapt || source.values.size === 0) return study;
  const { graph, added } = withBatchNorms(source.graph);
  const unit = space.sites.filter(({ role, candidates }) => role === "activation" && candidates.some(isForUnitTensors));
  const inputs = inputsOf(graph, new Set(unit.map(({ layer }) => layer.name)));
  const network = createNetwork(graph, createRandom(config.seed).fork("weights"), source.values);
  const statistics = await statisticsOf(network, study, [...added.values()], [...inputs.keys()]);
  disposeNetwork(network);
  const scales = new Map([...inputs.keys()].map((tensor, i) => [tensor, scaleFrom(statistics.sizes[i] ?? NaN)]));
  const values = new Map(source.values);
  [...added].forEach(([bn], i) => giveIdentity(values, graph, bn, statistics.moments[i]));
  for (const [tensor, layers] of inputs) for (const layer of layers) multiply(values, `${layer}.weight`, scales.get(tensor) ?? 1);
  return { ...study, source: { ...source, graph: withScaledInputs(graph, inputs, scales), values } };
}

interface Moments {
  readonly mean: Float32Array;
  /** Of the squares. */
  readonly square: Float32Array;
}

interface Statistics {
  /** Per channel, of what the layers give. */
  readonly moments: readonly Moments[];
  /** Mean squares of what is above zero in the tensors. */
  readonly sizes: readonly number[];
}

/** Over some training examples, with one read-back. */
async function statisticsOf(
  network: Network,
  { dataset: { info, train } }: Study,
  layers: readonly string[],
  tensors: readonly string[],
): Promise<Statistics> {
  const some = sliceSplit(info, train, 0, Math.min(EXAMPLES, countOf(info, train)));
  const parts = [...evaluationBatches(info, some, evaluationBatch(network.graph))];
  let sums: tf.Tensor1D | null = null;
  let widths: readonly number[] = [];
  for (const part of parts) {
    const before: tf.Tensor1D | null = sums;
    sums = tf.tidy(() => {
      const { values } = forward(network, upload(info, part).x, FLOAT, { training: false });
      const value = (name: string): tf.Tensor => values.get(name) as tf.Tensor;
      const channels = layers.flatMap((name) => meansOf(value(name)));
      widths = channels.map(({ size }) => size);
      const sizes = tensors.map((name) => tf.reshape(tf.mean(tf.square(tf.relu(value(name)))), [1]) as tf.Tensor1D);
      const all = tf.mul<tf.Tensor1D>(
        tf.concat([tf.zeros<tf.Rank.R1>([1]), ...channels, ...sizes]),
        part.size / countOf(info, some),
      );
      return before ? tf.add(before, all) : all;
    });
    before?.dispose();
  }
  const read = sums ? ((await sums.data()) as Float32Array) : new Float32Array(0);
  sums?.dispose();
  let at = 1;
  const taken = widths.map((width) => read.slice(at, (at += width)));
  const moments = layers.map((_, i) => ({ mean: taken[2 * i] as Float32Array, square: taken[2 * i + 1] as Float32Array }));
  return { moments, sizes: Array.from(read.slice(at)) };
}

/** Mean and mean square of each channel. */
function meansOf(x: tf.Tensor): readonly tf.Tensor1D[] {
  const rows = tf.reshape(x, [-1, x.shape.at(-1) as number]);
  return [tf.mean<tf.Tensor1D>(rows, 0), tf.mean<tf.Tensor1D>(tf.square(rows), 0)];
}

/** Standard deviation of the normal tensor whose positive half has this mean square. */
const scaleFrom = (meanSquare: number): number => (meanSquare > 0 && Number.isFinite(meanSquare) ? Math.sqrt(2 * meanSquare) : 1);

/** Statistics of the data, and the scale and shift that undo them. */
function giveIdentity(values: Map<string, Float32Array>, graph: Graph, bn: string, moments: Moments | undefined): void {
  const node = graph.nodes.find(({ name }) => name === bn);
  if (!moments || node?.op !== "batchNorm") return;
  const { mean, square } = moments;
  const variance = square.map((value, i) => Math.max(0, value - (mean[i] as number) ** 2));
  values.set(`${bn}.mean`, mean);
  values.set(`${bn}.variance`, variance);
  values.set(
    `${bn}.weight`,
    variance.map((value) => Math.sqrt(value + node.epsilon)),
  );
  values.set(`${bn}.bias`, mean);
}

function multiply(values: Map<string, Float32Array>, name: string, factor: number): void {
  const own = values.get(name);
  if (own)
    values.set(
      name,
      own.map((value) => value * factor),
    );
}
