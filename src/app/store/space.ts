/** The search space that settings and data describe: what the page shows before the worker has said anything about the network. */
import type { RunConfig } from "../../core/config";
import type { DatasetInfo } from "../../core/dataset";
import { layersOf } from "../../core/layers";
import { MODELS, findModel } from "../../core/models";
import { searchSpace, type SearchSpace } from "../../core/search";

export type SpaceResult = { readonly ok: true; readonly space: SearchSpace } | { readonly ok: false; readonly message: string };

/** Quantizers of EdMIPS for weights and activations; the policy that the worker derives names its own. */
const SCHEMES = { weight: "gaussian", activation: "hwgq" } as const;

/** The settings that the search space depends on. */
export type NetworkSettings = Pick<RunConfig, "model" | "width" | "weightBits" | "activationBits" | "includeEnds">;

/** Builds the network for the data's shape. A network that does not fit gives a sentence. */
export function spaceOf(config: NetworkSettings, data: DatasetInfo): SpaceResult {
  try {
    const input = [data.height, data.width, data.channels];
    const graph = findModel(config.model).build({ width: config.width, input, classes: data.classes.length });
    const candidates = (role: "weight" | "activation") => {
      const bits = role === "weight" ? config.weightBits : config.activationBits;
      return bits.map((width) => ({ bits: width, scheme: SCHEMES[role] }));
    };
    return { ok: true, space: searchSpace(layersOf(graph), { includeEnds: config.includeEnds, candidates }) };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, message: error.message };
    throw error;
  }
}

/** A network as the menu calls it; its id if it is not a known one (an address may name anything). */
export const modelLabel = (id: string): string => MODELS.find((model) => model.id === id)?.label ?? id;
