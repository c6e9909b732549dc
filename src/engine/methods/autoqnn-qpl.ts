/** AutoQNN (Gong et al., 2022): its precision learning (QPL), bit-widths learned by gradient. */
import type { MeterSpec, OptionSpec } from "../../core/catalog";
import { ROLES, type Candidate, type Role } from "../../core/search";
import { findScheme, schemesFor } from "../quantizers/schemes";
import { optionValue, type Ballot, type Method, type Options, type Stage } from "./method";
import { openPrecisions, targetOf } from "./precisions";

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

/** The stage, whatever its candidates are. */
export const PRECISION_LEARNING: Stage = {
  name: "QPL",
  passes: [["weights", "architecture"]],
  meters: METERS,
  check: () => undefined,
  open: openPrecisions,
  decide: (ballots) => ballots.map(rounded),
};

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
  continuation: null,
  defaults: {
    activations: "tensor",
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
      ...PRECISION_LEARNING,
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
    },
  ],
};

function candidatesOf(role: Role, options: Options, bits: readonly number[]): readonly Candidate[] {
  const scheme = optionValue(autoqnnQpl, options, SCHEME[role].id);
  const candidates = widthsOfScheme(scheme, bits);
  if (candidates.length > 0) return candidates;
  const { label, minBits, maxBits } = findScheme(scheme);
  throw new RangeError(`The scheme ${label} has ${minBits} to ${maxBits} bits: choose some of them.`);
}

/** All whole widths that a scheme has between the chosen ones, none if it has none: a width passes through every one. */
export function widthsOfScheme(scheme: string, bits: readonly number[]): readonly Candidate[] {
  const { minBits, maxBits } = findScheme(scheme);
  const [least, most] = [Math.max(minBits, Math.min(...bits)), Math.min(maxBits, Math.max(...bits))];
  return Array.from({ length: Math.max(0, most - least + 1) }, (_, i) => ({ bits: least + i, scheme }));
}

function rounded({ site, bits }: Ballot) {
  const widths = site.candidates.map((candidate) => candidate.bits);
  const whole = Math.round(Math.min(Math.max(bits[0] as number, Math.min(...widths)), Math.max(...widths)));
  return { site: site.id, bits: whole, scheme: (site.candidates[0] as Candidate).scheme };
}
