/** AutoQNN (Gong et al., 2022): its precision learning (QPL), bit-widths learned by gradient. */
import * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../../core/layers";
import type { MeterSpec, OptionSpec } from "../../core/protocol";
import { ROLES, sharedCandidates, type Candidate, type Role } from "../../core/search";
import { makeVariable } from "../network";
import { findScheme, rowsOf, rowsTensor, schemesFor, statisticsFor } from "../quantizers/schemes";
import { quantizeAtWidth, widthsOf, type Width } from "../quantizers/schemes/at-width";
import { openStatistics, type OpenStatistics } from "../quantizers/schemes/statistics";
import { optionValue, type Ballot, type Method, type Opening, type Options, type Relaxation } from "./method";
import { returning } from "./returning";

/** Above the target, where widths start: there is something to lose. */
const HEAD_START = 0.5;

/** Schemes that have a range of widths, for tensors of a role. */
const schemeOption = (role: Role, id: string, label: string): OptionSpec => ({
  id,
  label,
  help: "The quantizer whose width is learned, the same one for every layer.",
  values: schemesFor(role)
    .filter(({ minBits, maxBits }) => maxBits > minBits)
    .map(({ id: scheme, label: name }) => ({ id: scheme, label: name })),
  initial: "clipq",
});

const SCHEME: Readonly<Record<Role, OptionSpec>> = {
  weight: schemeOption("weight", "wscheme", "Weight scheme"),
  activation: schemeOption("activation", "ascheme", "Activation scheme"),
};

const meter = (id: string, label: string, help: string): MeterSpec => ({
  id,
  label,
  unit: "bit",
  help,
  per: "network",
  scale: "linear",
  group: id.startsWith("weight") ? "weights" : "activations",
});

const METERS: readonly MeterSpec[] = [
  meter("weight-bits", "mean", "Mean width of the weights, each tensor counted with its elements."),
  meter("weight-target", "target", "What it shall be."),
  meter("activation-bits", "mean", "Mean width of the activations, each tensor counted with its elements."),
  meter("activation-target", "target", "What it shall be."),
];

export const autoqnnQpl: Method = {
  id: "autoqnn-qpl",
  label: "AutoQNN QPL",
  summary:
    "Gong et al., 2022, precision learning: bit-widths are real numbers that gradients move, rounded wherever they are used.",
  knobs: [
    { knob: "target", when: null, help: "The mean bit-width of the weights, each counted with its elements." },
    { knob: "activationTarget", when: null },
    { knob: "kappa", when: null, help: "Loss = cross-entropy + κ · squared distances of both means from their targets." },
  ],
  options: [SCHEME.weight, SCHEME.activation],
  sampling: false,
  defaults: {
    weightBits: [2, 3, 4, 5, 6, 7, 8],
    activationBits: [2, 3, 4, 5, 6, 7, 8],
    architectureRate: 0.1,
    retrain: false,
    retrainFrom: "search",
  },
  training: {
    momentum: 0.9,
    nesterov: false,
    schedule: (epoch, epochs) => 0.5 + 0.5 * Math.cos((Math.PI * epoch) / epochs),
    decays: (layer) => layer !== null,
    fineTuning: 0.2,
  },
  uniformScheme: null,
  site: ({ options, weightBits, activationBits }) => {
    const candidates = {
      weight: candidatesOf("weight", options, weightBits),
      activation: candidatesOf("activation", options, activationBits),
    };
    return (role) => ({ candidates: candidates[role], kernels: 1, pinned: false });
  },
  resource: () => null,
  stages: () => [
    {
      name: "QPL",
      passes: [["weights", "architecture"]],
      meters: METERS,
      check: ({ sites }, knobs) => {
        for (const role of ROLES) {
          const bits = sites.filter((site) => site.role === role).flatMap((site) => site.candidates.map((one) => one.bits));
          const [target, min, max] = [targetOf(role, knobs), Math.min(...bits), Math.max(...bits)];
          if (target >= min && target <= max) continue;
          throw new RangeError(
            `The target of ${target} ${target === 1 ? "bit" : "bits"} for the ${role}s cannot be met: choose one from ${min} to ${max} bits, or other candidate bit-widths.`,
          );
        }
      },
      open: openPrecisions,
      decide: (ballots) => ballots.map(rounded),
    },
  ],
};

const targetOf = (role: Role, knobs: { readonly target: number; readonly activationTarget: number }): number =>
  role === "weight" ? knobs.target : knobs.activationTarget;

/** All whole widths that the scheme has between the chosen ones: a width passes through every one. */
function candidatesOf(role: Role, options: Options, bits: readonly number[]): readonly Candidate[] {
  const scheme = optionValue(autoqnnQpl, options, SCHEME[role].id);
  const { label, minBits, maxBits } = findScheme(scheme);
  const [least, most] = [Math.max(minBits, Math.min(...bits)), Math.min(maxBits, Math.max(...bits))];
  if (least > most) throw new RangeError(`The scheme ${label} has ${minBits} to ${maxBits} bits: choose some of them.`);
  return Array.from({ length: most - least + 1 }, (_, i) => ({ bits: least + i, scheme }));
}

function rounded({ site, bits }: Ballot) {
  const widths = site.candidates.map((candidate) => candidate.bits);
  const whole = Math.round(Math.min(Math.max(bits[0] as number, Math.min(...widths)), Math.max(...widths)));
  return { site: site.id, bits: whole, scheme: (site.candidates[0] as Candidate).scheme };
}

function openPrecisions({ space, knobs, weight }: Opening): Relaxation {
  const layers = space.searched.map(({ name }) => name);
  const indexOf = new Map(layers.map((name, i) => [name, i]));
  const perRole = <T>(of: (role: Role) => T): Readonly<Record<Role, T>> => ({
    weight: of("weight"),
    activation: of("activation"),
  });
  const elements = (layer: Layer, role: Role): number => (role === "weight" ? layer.weights : layer.activations);
  const roles = perRole((role) => {
    const candidates = sharedCandidates(space, role);
    const rows = rowsOf(candidates);
    const [least, most] = [candidates[0]?.bits ?? 0, candidates.at(-1)?.bits ?? 0];
    const total = space.searched.reduce((sum, layer) => sum + elements(layer, role), 0);
    const start = Math.min(Math.max(targetOf(role, knobs) + HEAD_START, least), most);
    return {
      least,
      most,
      table: rowsTensor(rows),
      grid: tf.tensor2d([candidates.map(({ bits }) => bits)]),
      shares: tf.tensor1d(space.searched.map((layer) => elements(layer, role) / total)),
      bits: makeVariable<tf.Rank.R1>(tf.fill([layers.length], start), true),
      statistics: new Map<string, OpenStatistics>(
        layers.map((name) => [name, openStatistics(statisticsFor(rows), role === "activation")]),
      ),
    };
  });

  return {
    architecture: new Map(ROLES.map((role) => [`${role} bits`, roles[role].bits])),
    parameters: new Map(),
    pass: () => {
      const widths = perRole((role) =>
        returning(roles[role].bits as tf.Tensor as tf.Tensor1D, roles[role].least, roles[role].most),
      );
      const single = perRole((role) => widthsOf(widths[role], roles[role]));
      const mean = perRole((role) => tf.sum<tf.Scalar>(tf.mul(widths[role], roles[role].shares)));
      return {
        quantize: <T extends tf.Tensor>(layer: string, role: Role, x: T, training: boolean): readonly T[] => {
          const index = indexOf.get(layer);
          if (index === undefined) return [x];
          const statistics = (roles[role].statistics.get(layer) as OpenStatistics).of(x, training);
          return [quantizeAtWidth(x, single[role][index] as Width, statistics)];
        },
        calibrate: () => undefined,
        rectifies: () => false,
        bits: (role) => widths[role],
        // How much of a candidate a width is near to falls from 1 to 0 over one bit.
        probabilities: (role) =>
          tf.relu(tf.sub(1, tf.abs(tf.sub(tf.reshape(widths[role], [layers.length, 1]), roles[role].grid)))),
        kernels: () => null,
        penalty: (now) => {
          const distances = ROLES.map((role) => tf.squaredDifference(mean[role], targetOf(role, now)));
          return tf.mul<tf.Scalar>(tf.addN(distances), tf.scalar(now.kappa));
        },
        meters: (now) =>
          ROLES.flatMap((role) => [tf.reshape(mean[role], [1]) as tf.Tensor1D, tf.tensor1d([targetOf(role, now)])]),
      };
    },
    weightOf: ({ site }) => weight(site.slice(0, site.lastIndexOf("/"))),
    dispose: () => {
      ROLES.forEach((role) => {
        const { table, grid, shares, bits, statistics } = roles[role];
        tf.dispose([table, grid, shares, bits]);
        statistics.forEach((open) => open.dispose());
      });
    },
  };
}
