/** EdMIPS: Rethinking Differentiable Search for Mixed-Precision Neural Networks (Cai and Vasconcelos, CVPR 2020). */
import * as tf from "@tensorflow/tfjs-core";
import { checkTarget } from "../../core/budget";
import type { OptionSpec } from "../../core/catalog";
import { ONE_BRANCH } from "../../core/memory-nodes";
import { ROLES, sameCandidates, sharedCandidates, siteParts, type Candidate, type Role } from "../../core/search";
import { makeVariable } from "../network";
import { checkCandidates, findQuantizer } from "../quantizers";
import { familyCandidates, familyOption, familyScheme } from "../quantizers/families";
import { openMixture } from "../quantizers/mixture";
import { decide } from "./decide";
import { openController, TARGET_METERS } from "./lambda-controller";
import { rowsOf } from "./rows";
import { optionValue, type Group, type Method, type Opening, type Options, type Relaxation } from "./method";
import { withSharedRows } from "./shared-tensors";

/** All architecture parameters start here (published code). */
const INITIAL_LOGIT = 0.01;

/** Share of the epochs after which the learning rates are divided by ten, and again: 10 of 25 epochs in the paper. */
const DECAY_EVERY = 0.4;
/** Two decays as in the paper; very short runs would round to a third. */
const MOST_DECAYS = 2;

const BRANCHES: OptionSpec = {
  id: "branches",
  label: "Weight branches",
  help: "Shared: one weight, one convolution of the quantized mixture. Non-shared: a weight for each candidate. Parallel: one convolution for each candidate, the plain differentiable search.",
  values: [
    { id: "shared", label: "shared" },
    { id: "non-shared", label: "non-shared" },
    { id: "parallel", label: "parallel" },
  ],
  initial: "shared",
};

const OPTIMISATION: OptionSpec = {
  id: "optimisation",
  label: "Optimisation",
  help: "Single pass updates weights and probabilities in one forward-backward; alternating takes one for each.",
  values: [
    { id: "single", label: "single pass" },
    { id: "alternating", label: "alternating" },
  ],
  initial: "single",
};

const CONTROL: OptionSpec = {
  id: "control",
  label: "Cost control",
  help: "As published, λ is set by hand; with a target, a controller moves λ until the expected BitOps meet it.",
  values: [
    { id: "lambda", label: "λ by hand" },
    { id: "target", label: "target, λ follows" },
  ],
  initial: "lambda",
};

const QUANTIZERS = familyOption("HWGQ");

const PASSES: Readonly<Record<string, readonly (readonly Group[])[]>> = {
  single: [["weights", "architecture"]],
  alternating: [["weights"], ["architecture"]],
};

const SCHEMES = { weight: "gaussian", activation: "hwgq" } as const;

export const edmips: Method = {
  id: "edmips",
  label: "EdMIPS",
  summary: "Cai and Vasconcelos, CVPR 2020: softmax over candidate bit-widths, one composite convolution, loss + λ × complexity.",
  knobs: [
    { knob: "lambda", when: { option: CONTROL.id, value: "lambda" } },
    { knob: "target", when: { option: CONTROL.id, value: "target" } },
  ],
  options: [BRANCHES, OPTIMISATION, CONTROL, QUANTIZERS],
  sampling: true,
  continuation: null,
  defaults: {},
  training: {
    momentum: 0.9,
    nesterov: false,
    // At whole epochs, as the published code does: epochs 4 and 8 of 12.
    schedule: (epoch, epochs) => {
      const decayEpochs = Math.max(1, Math.floor(DECAY_EVERY * epochs));
      return 0.1 ** Math.min(MOST_DECAYS, Math.floor(epoch / decayEpochs));
    },
    decays: () => true,
    fineTuning: 0,
  },
  site: ({ options, weightBits, activationBits }) => {
    const family = familyScheme(optionValue(edmips, options, QUANTIZERS.id));
    const candidates = (role: Role): readonly Candidate[] => {
      const bits = role === "weight" ? weightBits : activationBits;
      return family ? familyCandidates(family, bits) : bits.map((width) => ({ bits: width, scheme: SCHEMES[role] }));
    };
    ROLES.forEach((role) => checkCandidates(candidates(role)));
    return sameCandidates(candidates);
  },
  branches: ({ options, weightBits: { length } }) => {
    switch (optionValue(edmips, options, BRANCHES.id)) {
      case "non-shared":
        return { weights: length, quantized: length, products: 1 };
      case "parallel":
        return { weights: 1, quantized: length, products: length };
      default:
        return ONE_BRANCH;
    }
  },
  uniformScheme: null,
  resource: (options) => (followsTarget(options) ? "bitops" : null),
  stages: (options) => [
    {
      name: "Search",
      passes: PASSES[optionValue(edmips, options, OPTIMISATION.id)] ?? [],
      meters: followsTarget(options) ? TARGET_METERS : [],
      check: (space, { target }) => {
        if (followsTarget(options)) checkTarget("bitops", space, target);
      },
      open: (opening) => openSearch(opening, options),
      decide: (ballots, { rule, random }) => decide(ballots, rule, random),
    },
  ],
};

const followsTarget = (options: Options): boolean => optionValue(edmips, options, CONTROL.id) === "target";

/** Weight terms of one layer: what its convolution is applied to, given one layer's probabilities. */
type WeightTerms = (layer: string, own: tf.Tensor, p: tf.Tensor1D, training: boolean) => readonly tf.Tensor[];

function openSearch(opening: Opening, options: Options): Relaxation {
  const { space } = opening;
  const branches = optionValue(edmips, options, BRANCHES.id);
  const controller = followsTarget(options) ? openController(space, opening.knobs.lambda) : null;
  const layers = space.searched.map((layer) => layer.name);
  const indexOf = new Map(layers.map((name, i) => [name, i]));
  const candidates = { weight: sharedCandidates(space, "weight"), activation: sharedCandidates(space, "activation") };
  const logits = {
    weight: makeVariable(tf.fill([layers.length, candidates.weight.length], INITIAL_LOGIT), true),
    activation: makeVariable(tf.fill([layers.length, candidates.activation.length], INITIAL_LOGIT), true),
  };
  const mixtures = {
    weight: openMixture(candidates.weight, "weight", layers),
    activation: openMixture(candidates.activation, "activation", layers),
  };
  const bits = {
    weight: tf.tensor1d(candidates.weight.map((candidate) => candidate.bits)),
    activation: tf.tensor1d(candidates.activation.map((candidate) => candidate.bits)),
  };
  // lambda * sum_l E[b^w_l] E[b^a_l] S_l / S_1 (eq. 15-18; size products as in the published code)
  const unit = space.searched[0]?.sizeProduct ?? 1;
  const sizes = tf.tensor1d(space.searched.map((layer) => layer.sizeProduct / unit));
  const others = new Map<string, tf.Variable>();
  if (branches === "non-shared") {
    for (const name of layers) {
      candidates.weight
        .slice(1)
        .forEach((_, k) => others.set(branchName(name, k + 1), opening.anotherWeight(name, branchName(name, k + 1))));
    }
  }
  const branch = (layer: string, own: tf.Tensor, k: number): tf.Tensor => others.get(branchName(layer, k)) ?? own;
  const separate: WeightTerms = (layer, own, p) =>
    candidates.weight.map((_, k) => tf.mul(mixtures.weight.single(k, branch(layer, own, k)), tf.slice(p, k, 1)));
  const terms: Readonly<Record<string, WeightTerms>> = {
    shared: (layer, own, p, training) => [mixtures.weight.mix(layer, own, p, training)],
    "non-shared": (layer, own, p, training) => [tf.addN([...separate(layer, own, p, training)])],
    parallel: separate,
  };
  const weightTerms = terms[branches] as WeightTerms;
  const scheme = candidates.activation[0]?.scheme;
  const rectified = scheme !== undefined && findQuantizer(scheme).rectifies;

  return {
    architecture: new Map(ROLES.map((role) => [role, logits[role]])),
    parameters: others,
    pass: (training) => {
      const probabilities = {
        weight: withSharedRows(space, "weight", tf.softmax(logits.weight)),
        activation: withSharedRows(space, "activation", tf.softmax(logits.activation)),
      };
      const rows = { weight: rowsOf(probabilities.weight), activation: rowsOf(probabilities.activation) };
      const expected = (role: Role): tf.Tensor1D => tf.sum<tf.Tensor1D>(tf.mul(probabilities[role], bits[role]), 1);
      return {
        quantize: <T extends tf.Tensor>(layer: string, role: Role, x: T, forTraining: boolean): readonly T[] => {
          const index = indexOf.get(layer);
          if (index === undefined) return [x];
          const p = rows[role][index] as tf.Tensor1D;
          if (role === "weight") return weightTerms(layer, x, p, forTraining) as readonly T[];
          return [mixtures.activation.mix(layer, x, p, forTraining)];
        },
        calibrate: () => undefined,
        rectifies: (layer) => rectified && indexOf.has(layer),
        bits: expected,
        probabilities: (role) => probabilities[role] as tf.Tensor2D,
        kernels: () => null,
        penalty: (knobs) => {
          const products = tf.mul<tf.Tensor1D>(expected("weight"), expected("activation"));
          const complexity = tf.sum<tf.Scalar>(tf.mul(products, sizes));
          if (controller && training) controller.follow(products, knobs.target);
          return tf.mul<tf.Scalar>(complexity, controller ? controller.lambda() : tf.scalar(knobs.lambda));
        },
        meters: (knobs) =>
          controller ? controller.meters(tf.mul(expected("weight"), expected("activation")), knobs.target) : [],
      };
    },
    weightOf: ({ site, bits: chosen }) => {
      const { layer } = siteParts(site);
      const k = candidates.weight.findIndex((candidate) => candidate.bits === chosen);
      return others.get(branchName(layer, k)) ?? opening.weight(layer);
    },
    dispose: () => {
      tf.dispose([logits, bits, sizes, ...others.values()]);
      ROLES.forEach((role) => mixtures[role].dispose());
      controller?.dispose();
    },
  };
}

const branchName = (layer: string, k: number): string => `${layer}.weight.${k}`;
