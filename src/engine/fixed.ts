/** A network under a fixed policy: what is retrained, what the uniform baselines are, what evaluation uses. */
import * as tf from "@tensorflow/tfjs-core";
import type { Choice, Role } from "../core/search";
import { mixActivation, mixWeight } from "./kernels/ops";
import type { Quantization } from "./network";
import { findQuantizer, gridOf } from "./quantizers";

export interface FixedQuantization extends Quantization {
  readonly dispose: () => void;
}

/**
 * Quantizes each site as chosen; a layer without choices stays float. `weightOf` gives the weight behind a choice where a search has
 * one for each candidate; by default the network's own.
 */
export function fixedQuantization(
  choices: readonly Choice[],
  weightOf: ((choice: Choice) => tf.Tensor) | null = null,
): FixedQuantization {
  const bySite = new Map(choices.map((choice) => [choice.site, choice]));
  const grids = new Map(choices.map((choice) => [choice.site, gridOf([choice])]));
  const rectifying = new Set(choices.filter((choice) => findQuantizer(choice.scheme).rectifies).map((choice) => choice.site));
  const one = tf.ones<tf.Rank.R1>([1]);
  return {
    quantize: <T extends tf.Tensor>(layer: string, role: Role, x: T): readonly T[] => {
      const choice = bySite.get(`${layer}/${role}`);
      const grid = grids.get(`${layer}/${role}`);
      if (!choice || !grid) return [x];
      if (role === "activation") return [mixActivation(x, grid, one, false)];
      return [mixWeight(weightOf ? (weightOf(choice) as T) : x, grid, one)];
    },
    rectifies: (layer) => rectifying.has(`${layer}/activation`),
    dispose: () => tf.dispose([...grids.values(), one]),
  };
}
