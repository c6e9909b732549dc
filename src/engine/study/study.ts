/** One configuration, checked and opened: its network, its search space, and what its last search left. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Knobs, RunConfig } from "../../core/config";
import type { Dataset, Split } from "../../core/dataset";
import { layersOf, type Layer } from "../../core/layers";
import type { ImportedNetwork } from "../../core/imported";
import type { BackendInfo, RunEvent, TrainTarget } from "../../core/protocol";
import { quantizeGraph, type QuantizingVertex } from "../../core/qag";
import { createRandom } from "../../core/random";
import { spaceOf, type SearchSpace } from "../../core/search";
import type { Control } from "../control";
import { RunFailure } from "../failure";
import { findMethod, type Method } from "../methods";
import type { Relaxation, Stage } from "../methods/method";
import { createNetwork, disposeNetwork, type Network, type NetworkValues } from "../network";
import { openSource, type NetworkSource } from "./source";

export type Emit = (event: RunEvent) => void;

/** What a study needs of the world around it. */
export interface Surroundings {
  readonly backend: BackendInfo;
  readonly backendFailure: () => string | null;
  readonly control: Control;
  readonly emit: Emit;
}

/** A configuration, checked and opened; the results of its last search stay until it is disposed. */
export interface Study {
  readonly config: RunConfig;
  readonly dataset: Dataset;
  /** The network that is searched; its graph says which layers share quantized tensors. */
  readonly source: NetworkSource;
  readonly vertices: readonly QuantizingVertex[];
  /** Of the method's first stage. */
  readonly space: SearchSpace;
  readonly method: Method;
  /** The searched network; before a search, and after `dispose`, null. */
  search: Search | null;
  /** What the trainings after it ended with; copies of the study share it. */
  readonly trained: { newest: Trained | null };
}

/** The weights of a network that was trained to its end. */
export interface Trained {
  readonly label: string;
  readonly kind: TrainTarget["kind"];
  readonly values: NetworkValues;
}

/** A search that has begun. */
export interface Search {
  readonly stage: Stage;
  readonly space: SearchSpace;
  readonly network: Network;
  readonly relaxation: Relaxation;
  readonly validation: Split;
  /** Whether the validation images were kept out of the search. */
  readonly heldOut: boolean;
  /** Knobs of the last step. */
  knobs: Knobs;
}

/**
 * Checks a configuration against a data set and builds its search space. `imported` is what the network "imported" stands for. Throws a
 * RunFailure "config" with a sentence.
 */
export function openStudy(config: RunConfig, dataset: Dataset, imported: ImportedNetwork | null = null): Study {
  try {
    checkBits(config);
    const method = findMethod(config.method);
    const opened = openSource(config, dataset.info, imported);
    const { graph, layers, searched, vertices } = quantizeGraph(opened.graph, config);
    checkExcluded(config, layers);
    const space = spaceOf(layers, searched, method.site(config));
    method.stages(config.options);
    return { config, dataset, source: { ...opened, graph }, vertices, space, method, search: null, trained: { newest: null } };
  } catch (error) {
    if (error instanceof RangeError) throw new RunFailure("config", error.message);
    throw error;
  }
}

/** Frees the searched network. */
export function disposeStudy(study: Study): void {
  if (!study.search) return;
  study.search.relaxation.dispose();
  disposeNetwork(study.search.network);
  study.search = null;
}

function checkBits({ weightBits, activationBits }: RunConfig): void {
  for (const [role, bits] of [["weight", weightBits] as const, ["activation", activationBits] as const]) {
    if (bits.length === 0) throw new RangeError(`Choose at least one candidate bit-width for ${role}s.`);
  }
}

function checkExcluded({ excluded }: RunConfig, layers: readonly Layer[]): void {
  const known = new Set(layers.map(({ name }) => name));
  const unknown = excluded.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new RangeError(`The layer "${unknown}" is to be left out, and this network has no such layer.`);
}

/** A network of the study with the weights that it starts from. The seed decides what is random about it. */
export const newNetwork = ({ config, source }: Pick<Study, "config" | "source">): Network =>
  createNetwork(source.graph, createRandom(config.seed).fork("weights"), source.values);

/** The layer's weight variable: that of the layer whose weights it uses. */
export function weightOf(network: Network, layer: string): tf.Variable {
  const own = network.trainable.get(`${layer}.weight`);
  const owner = layersOf(network.graph).find(({ name }) => name === layer)?.weightOf;
  return (own ?? network.trainable.get(`${owner}.weight`)) as tf.Variable;
}
