/** One configuration, checked and opened: its network, its search space, and what its last search left. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Knobs, RunConfig } from "../../core/config";
import type { Dataset, Split } from "../../core/dataset";
import { layersOf } from "../../core/layers";
import { buildModel } from "../../core/models";
import type { BackendInfo, RunEvent } from "../../core/protocol";
import { searchSpace, type SearchSpace } from "../../core/search";
import type { Control } from "../control";
import { RunFailure } from "../failure";
import { findMethod, type Method } from "../methods";
import type { Relaxation, Stage } from "../methods/method";
import { disposeNetwork, type Network } from "../network";

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
  /** Of the method's first stage. */
  readonly space: SearchSpace;
  readonly method: Method;
  /** The searched network; before a search, and after `dispose`, null. */
  search: Search | null;
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

/** Checks a configuration against a data set and builds its search space. Throws a RunFailure "config" with a sentence. */
export function openStudy(config: RunConfig, dataset: Dataset): Study {
  try {
    const method = findMethod(config.method);
    const space = spaceOf(config, dataset, method);
    method.stages(config.options);
    return { config, dataset, space, method, search: null };
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

function spaceOf(config: RunConfig, dataset: Dataset, method: Method): SearchSpace {
  for (const [role, bits] of [["weight", config.weightBits] as const, ["activation", config.activationBits] as const]) {
    if (bits.length === 0) throw new RangeError(`Choose at least one candidate bit-width for ${role}s.`);
  }
  return searchSpace(layersOf(graphOf(config, dataset)), { includeEnds: config.includeEnds, site: method.site(config) });
}

/** The configured network for a data set. */
export const graphOf = ({ model, width }: RunConfig, { info }: Dataset): Network["graph"] => buildModel(model, width, info);

/** The layer's weight variable. */
export const weightOf = (network: Network, layer: string): tf.Variable => network.trainable.get(`${layer}.weight`) as tf.Variable;
