/** AutoQNN: an end-to-end framework for automatically quantizing neural networks (Gong et al., 2022): its scheme search (QSS). */
import * as tf from "@tensorflow/tfjs-core";
import type { MeterSpec, OptionSpec } from "../../core/catalog";
import { ROLES, sharedCandidates, type Candidate, type Role } from "../../core/search";
import { overwrite } from "../kernels/player";
import { makeVariable } from "../network";
import { findScheme, rowsOf, schemesFor } from "../quantizers/schemes";
import { openSchemes } from "../quantizers/schemes/open";
import { decide } from "./decide";
import { gumbelSoftmax, openNoise } from "./gumbel";
import { rowsOf as matrixRows } from "./rows";
import { chosenValues, optionValue, type Method, type Opening, type Options, type Relaxation } from "./method";
import { withSharedRows } from "./shared-tensors";

/** From nearly even mixtures to nearly one-hot ones. */
const TEMPERATURE = { start: 5, end: 0.1 } as const;

/** A scheme that every tensor can have, at any width: what the uniform networks are quantized with. */
const UNIFORM = "clipq";

const GRANULARITY: OptionSpec = {
  id: "granularity",
  label: "Schemes for",
  help: "Layer-wise: every tensor finds a scheme of its own. Model-wise (coarse): one for all weights and one for all activations.",
  values: [
    { id: "layer", label: "each layer" },
    { id: "model", label: "the whole model" },
  ],
  initial: "layer",
};

const BITS: OptionSpec = {
  id: "bits",
  label: "Bits of the schemes",
  help: "All schemes compete at this width; Binary has 1 bit, Ternary and Quaternary have 2, whatever it is.",
  values: [2, 3, 4].map((bits) => ({ id: String(bits), label: String(bits) })),
  initial: "3",
};

const schemeOption = (role: Role, id: string, label: string): OptionSpec => {
  const values = schemesFor(role).map(({ id: scheme, label: name }) => ({ id: scheme, label: name }));
  return {
    id,
    label,
    help: "The schemes that compete.",
    values,
    initial: values.map(({ id: value }) => value).join(","),
    many: true,
  };
};

const CANDIDATES: Readonly<Record<Role, OptionSpec>> = {
  weight: schemeOption("weight", "wschemes", "Weight schemes"),
  activation: schemeOption("activation", "aschemes", "Activation schemes"),
};

const METERS: readonly MeterSpec[] = [
  {
    id: "temperature",
    label: "\u03c4",
    unit: "",
    help: "The temperature of the Gumbel softmax: high mixes all schemes, low picks one.",
    per: "network",
    scale: "logarithmic",
    group: "temperature",
  },
];

export const autoqnn: Method = {
  id: "autoqnn",
  label: "AutoQNN QSS",
  summary:
    "Gong et al., 2022, scheme search: quantization schemes compete for every tensor, mixed by a Gumbel softmax that cools down to one of them.",
  knobs: [],
  options: [GRANULARITY, BITS, CANDIDATES.weight, CANDIDATES.activation],
  sampling: true,
  continuation: {
    method: "autoqnn-pipeline",
    label: "Learn bit-widths (QPL)",
    help: "QPL keeps the schemes and learns the bits anew.",
  },
  defaults: { activations: "tensor", architectureRate: 1, retrain: false, retrainFrom: "search" },
  training: {
    momentum: 0.9,
    nesterov: false,
    schedule: (epoch, epochs) => 0.5 + 0.5 * Math.cos((Math.PI * epoch) / epochs),
    decays: (layer) => layer !== null,
    fineTuning: 0.4,
  },
  uniformScheme: () => UNIFORM,
  site: ({ options }) => {
    const candidates = { weight: candidatesOf("weight", options), activation: candidatesOf("activation", options) };
    return (role) => ({ candidates: candidates[role], kernels: 1, pinned: false });
  },
  resource: () => null,
  stages: (options) => [
    {
      name: "QSS",
      passes: [["weights", "architecture"]],
      meters: METERS,
      check: () => undefined,
      open: (opening) => openSchemeSearch(opening, optionValue(autoqnn, options, GRANULARITY.id) === "model"),
      decide: (ballots, { rule, random }) => decide(ballots, rule, random),
    },
  ],
};

/** The chosen schemes at the chosen width, or at the nearest that they have. A RangeError with a sentence if none is chosen. */
function candidatesOf(role: Role, options: Options): readonly Candidate[] {
  const wanted = Number(optionValue(autoqnn, options, BITS.id));
  return chosenValues(autoqnn, options, CANDIDATES[role].id).map((scheme) => {
    const { minBits, maxBits } = findScheme(scheme);
    return { scheme, bits: Math.min(Math.max(wanted, minBits), maxBits) };
  });
}

/** Parameters theta for each quantizing vertex, or, model-wise, for all of a role. */
function openSchemeSearch({ space, random, weight }: Opening, modelWise: boolean): Relaxation {
  const layers = space.searched.map(({ name }) => name);
  const indexOf = new Map(layers.map((name, i) => [name, i]));
  const perRole = <T>(of: (role: Role) => T): Readonly<Record<Role, T>> => ({
    weight: of("weight"),
    activation: of("activation"),
  });
  const candidates = perRole((role) => sharedCandidates(space, role));
  const theta = perRole((role) =>
    makeVariable(tf.zeros<tf.Rank.R2>([modelWise ? 1 : layers.length, candidates[role].length]), true),
  );
  const bits = perRole((role) => tf.tensor2d(candidates[role].map((candidate) => [candidate.bits])));
  const schemes = perRole((role) => {
    const rows = rowsOf(candidates[role]);
    return new Map(layers.map((name) => [name, openSchemes(rows, role === "activation")]));
  });
  const draws = random.fork("schemes");
  const noise = perRole((role) => openNoise(...theta[role].shape, draws));
  const temperature = makeVariable(tf.scalar(TEMPERATURE.start), false);
  const everyLayer = (role: Role, p: tf.Tensor2D): tf.Tensor2D =>
    modelWise ? tf.tile(p, [layers.length, 1]) : withSharedRows(space, role, p);

  return {
    architecture: new Map(ROLES.map((role) => [role, theta[role]])),
    parameters: new Map(),
    prepare: (progress) => {
      ROLES.forEach((role) => noise[role].draw());
      overwrite(temperature, Float32Array.of(temperatureAt(progress)));
    },
    pass: (training) => {
      const probabilities = (role: Role): tf.Tensor2D => everyLayer(role, tf.softmax(theta[role]));
      const mixed = perRole((role) => {
        // An evaluation mixes as the draws do on average, nearly.
        const drawn = training ? noise[role].now : tf.zeros(theta[role].shape);
        return matrixRows(everyLayer(role, gumbelSoftmax(theta[role], drawn, temperature)));
      });
      return {
        quantize: <T extends tf.Tensor>(layer: string, role: Role, x: T, isTraining: boolean): readonly T[] => {
          const index = indexOf.get(layer);
          if (index === undefined) return [x];
          const p = mixed[role][index] as tf.Tensor1D;
          return [
            (schemes[role].get(layer) as ReturnType<typeof openSchemes>).mix(x, p, { learned: true, training: isTraining }),
          ];
        },
        calibrate: () => undefined,
        rectifies: () => false,
        bits: (role) => tf.reshape(tf.matMul(probabilities(role), bits[role]), [layers.length]),
        probabilities,
        kernels: () => null,
        penalty: () => tf.scalar(0),
        meters: () => [tf.reshape(temperature, [1])],
      };
    },
    weightOf: ({ site }) => weight(site.slice(0, site.lastIndexOf("/"))),
    dispose: () => {
      ROLES.forEach((role) => {
        tf.dispose([theta[role], bits[role], noise[role].now]);
        schemes[role].forEach((open) => open.dispose());
      });
      temperature.dispose();
    },
  };
}

/** Falls exponentially over the search. */
const temperatureAt = (progress: number): number => TEMPERATURE.start * (TEMPERATURE.end / TEMPERATURE.start) ** progress;
