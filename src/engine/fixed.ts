/** A network under a fixed policy: what is retrained, what the uniform baselines are, what evaluation uses. */
import * as tf from "@tensorflow/tfjs-core";
import type { Choice, Role } from "../core/search";
import { mixActivation, mixWeight } from "./kernels/ops";
import type { Quantization } from "./network";
import { findQuantizer, gridOf } from "./quantizers";

export interface FixedQuantization extends Quantization {
  readonly dispose: () => void;
}

/** Quantizes each site as chosen; a layer without choices stays float. */
export function fixedQuantization(choices: readonly Choice[]): FixedQuantization {
  const grids = new Map(choices.map((choice) => [choice.site, gridOf([choice])]));
  const rectifying = new Set(choices.filter((choice) => findQuantizer(choice.scheme).rectifies).map((choice) => choice.site));
  const one = tf.ones<tf.Rank.R1>([1]);
  return {
    quantize: <T extends tf.Tensor>(layer: string, role: Role, x: T): readonly T[] => {
      const grid = grids.get(`${layer}/${role}`);
      if (!grid) return [x];
      return [role === "weight" ? mixWeight(x, grid, one) : mixActivation(x, grid, one, false)];
    },
    rectifies: (layer) => rectifying.has(`${layer}/activation`),
    dispose: () => tf.dispose([...grids.values(), one]),
  };
}
