/** Mixtures of one role's candidates, which all layers share: of grid quantizers, or of a scheme with statistics of each tensor. */
import * as tf from "@tensorflow/tfjs-core";
import type { Candidate, Role } from "../../core/search";
import { mixActivation, mixWeight } from "../kernels/ops";
import { gridOf } from "./index";
import { SCHEMES, rowsOf } from "./schemes";
import { openSchemes } from "./schemes/open";

export interface OpenMixture {
  /** `sum_k p_k Q_k(x)` of a layer's tensor x, p [K]. Differentiable in both. */
  readonly mix: <T extends tf.Tensor>(layer: string, x: T, p: tf.Tensor1D, training: boolean) => T;
  /** `Q_k(x)`. */
  readonly single: <T extends tf.Tensor>(k: number, x: T) => T;
  readonly dispose: () => void;
}

/** `candidates` of one family. */
export const openMixture = (candidates: readonly Candidate[], role: Role, layers: readonly string[]): OpenMixture =>
  candidates.some(({ scheme }) => SCHEMES.some(({ id }) => id === scheme))
    ? schemeMixture(candidates, role, layers)
    : gridMixture(candidates, role);

function gridMixture(candidates: readonly Candidate[], role: Role): OpenMixture {
  const grid = gridOf(candidates);
  const singles = candidates.map((candidate) => gridOf([candidate]));
  const one = tf.ones<tf.Rank.R1>([1]);
  return {
    mix: (_layer, x, p) => (role === "weight" ? mixWeight(x, grid, p) : mixActivation(x, grid, p, true)),
    single: (k, x) => {
      const own = singles[k] as tf.Tensor2D;
      return role === "weight" ? mixWeight(x, own, one) : mixActivation(x, own, one, false);
    },
    dispose: () => tf.dispose([grid, singles, one]),
  };
}

function schemeMixture(candidates: readonly Candidate[], role: Role, layers: readonly string[]): OpenMixture {
  const follows = role === "activation";
  const all = new Map(layers.map((name) => [name, openSchemes(rowsOf(candidates), follows)]));
  const singles = candidates.map((candidate) => openSchemes(rowsOf([candidate]), false));
  const one = tf.ones<tf.Rank.R1>([1]);
  return {
    mix: (layer, x, p, training) => (all.get(layer) as ReturnType<typeof openSchemes>).mix(x, p, { learned: true, training }),
    single: (k, x) => (singles[k] as ReturnType<typeof openSchemes>).mix(x, one, { learned: false, training: false }),
    dispose: () => {
      [...all.values(), ...singles].forEach((open) => open.dispose());
      one.dispose();
    },
  };
}
