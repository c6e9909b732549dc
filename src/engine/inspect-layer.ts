/** What a layer's tensors look like now: histograms with the levels that each candidate would give. */
import * as tf from "@tensorflow/tfjs-core";
import type { Dataset } from "../core/dataset";
import type { LayerView, TensorView } from "../core/views";
import { layersOf } from "../core/layers";
import type { Candidate, Role, SearchSpace } from "../core/search";
import { countOf, evaluationBatches } from "./datasets/batches";
import { upload } from "./evaluate";
import type { Relaxation } from "./methods/method";
import { forward, type Quantization } from "./forward";
import type { Network } from "./network";
import { findQuantizer } from "./quantizers";

/** A histogram of this many bars fills its chart without hiding the quantization levels. */
const BINS = 64;
/** Images or sequences that the activations are taken from. */
const SAMPLES = 32;

/** The weight and the input activation of a layer, before quantization; null if the network has no such layer. */
export async function inspectLayer(
  network: Network,
  relaxation: Relaxation,
  dataset: Dataset,
  { layers, sites }: SearchSpace,
  name: string,
): Promise<LayerView | null> {
  if (!layers.some((layer) => layer.name === name)) return null;
  const values = await readTensors(network, relaxation, dataset, name);
  if (!values) return null;
  const candidates = (role: Role): readonly Candidate[] =>
    sites.find((site) => site.layer.name === name && site.role === role)?.candidates ?? [];
  const learned = await learnedBy(relaxation, name);
  return {
    layer: name,
    weight: viewOf(values.weight, candidates("weight"), learned),
    activation: viewOf(values.activation, candidates("activation"), learned),
  };
}

/**
 * Both tensors of a layer on the sample images or texts, before quantization; null if the network never uses it. The input of a recurrent
 * layer is that of all time steps together, and of a later gate the one that all gates share.
 */
export async function readTensors(
  network: Network,
  relaxation: Relaxation,
  { info, test }: Dataset,
  name: string,
): Promise<Readonly<Record<Role, Float32Array>> | null> {
  const [batch] = evaluationBatches(info, test, Math.min(SAMPLES, countOf(info, test)));
  if (!batch) return null;
  const layer = layersOf(network.graph).find((known) => known.name === name);
  const places: Readonly<Record<Role, string>> = { weight: layer?.weightOf ?? name, activation: layer?.inputOf ?? name };
  const seen: Readonly<Record<Role, tf.Tensor[]>> = { weight: [], activation: [] };
  tf.tidy(() => {
    const inner = relaxation.pass(false);
    const watching: Quantization = {
      ...inner,
      quantize: (at, role, x, training) => {
        if (at === places[role]) seen[role].push(tf.keep(tf.clone(x)));
        return inner.quantize(at, role, x, training);
      },
    };
    forward(network, upload(info, batch).x, watching, { training: false });
  });
  if (seen.weight.length === 0 || seen.activation.length === 0) return null;
  const all = (tensors: readonly tf.Tensor[]): tf.Tensor => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));
  const { weight, activation } = tf.tidy(() => ({ weight: all(seen.weight), activation: all(seen.activation) }));
  tf.dispose([...seen.weight, ...seen.activation]);
  const [weights, activations] = [(await weight.data()) as Float32Array, (await activation.data()) as Float32Array];
  tf.dispose([weight, activation]);
  return { weight: weights, activation: activations };
}

/** What the layer's quantizers have learned, by the last word of its name. */
async function learnedBy({ parameters }: Relaxation, layer: string): Promise<ReadonlyMap<string, number>> {
  const own = [...parameters].filter(([name, { size }]) => name.startsWith(`${layer}.`) && size === 1);
  // Clones: a step of the run that goes on may replace the variables' own values while they are being read.
  const copies = own.map(([, variable]) => tf.clone(variable));
  const values = await Promise.all(copies.map((copy) => copy.data()));
  tf.dispose(copies);
  return new Map(own.map(([name], i) => [name.slice(layer.length + 1), values[i]?.[0] as number]));
}

function viewOf(values: Float32Array, candidates: readonly Candidate[], learned: ReadonlyMap<string, number>): TensorView {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const width = max > min ? (max - min) / BINS : 1;
  const counts = new Uint32Array(BINS);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value - min) / width));
    counts[bin] = (counts[bin] as number) + 1;
  }
  return {
    min,
    max,
    counts,
    levels: candidates.map((candidate) => ({
      bits: candidate.bits,
      scheme: candidate.scheme,
      values: findQuantizer(candidate.scheme)
        .levels(candidate.bits, values, learned)
        .filter((level) => level >= min && level <= max),
    })),
  };
}
