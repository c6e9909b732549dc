/** What a run is made of. *Configuration* starts a new run; *knobs* move during one. Limits live here and nowhere else. */

import type { Expensive } from "./expensive";
import { IMPORTED } from "./imported";
import type { QagRule } from "./qag";

export type BackendId = "webgpu" | "wasm" | "cpu";

/** How images of various sizes become images of one size. */
export interface Resizing {
  /** Height and width in pixels; 0 takes the commonest size of the set, 64 at most. */
  readonly side: number;
  /** `crop` cuts off what is too long, `pad` adds black bars, `stretch` ignores the proportions. */
  readonly fit: "crop" | "stretch" | "pad";
}

export interface DeriveRule {
  /** `winner`: argmax. `categorical`: one draw per site. `multinomial`: most frequent of `draws` draws. */
  readonly rule: "winner" | "categorical" | "multinomial";
  readonly draws: number;
  /** How many sampled policies are compared by accuracy on held-out training images; within the expected BitOps. */
  readonly tries: number;
}

export interface RunConfig extends Resizing {
  /** Id of a built-in network, or "imported". */
  readonly model: string;
  /** Channels of the network's first stage. */
  readonly width: number;
  /** Id of a data set that the worker holds: of a built-in set, or "imported". */
  readonly data: string;
  /** Where the data set "imported" is loaded from when the page opens; "" for files that are given by hand. */
  readonly dataUrl: string;
  /** What a plain text is a sequence of. */
  readonly unit: "character" | "word";
  readonly method: string;
  /** The method's own variants, by the ids of its option list. */
  readonly options: Readonly<Record<string, string>>;
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  /** Search the first and the last layer too. */
  readonly includeEnds: boolean;
  /** Types of nodes that are searched. */
  readonly expensive: readonly Expensive[];
  /** Names of layers that stay float. */
  readonly excluded: readonly string[];
  /** Whether a tensor that several layers read has one quantizer (AutoQNN's QAG) or one for each of them. */
  readonly activations: QagRule["activations"];
  /** Side of the images that the network gets, in pixels; 0 for the data's own, or what an imported network asks for. */
  readonly resolution: number;
  /** What the network gets of a pixel: a preset or numbers (see `core/normalisation`). */
  readonly normalise: string;
  /** Where an imported network was fetched from, so that a link can load it; "" for none. */
  readonly modelUrl: string;
  /** Whether an imported network's trained weights are made ready for quantization: batch normalisation given back, unit inputs. */
  readonly adapt: boolean;
  /** What an imported network starts from. */
  readonly start: "pretrained" | "scratch";
  /** Epochs of the search, and of each training that follows. */
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** Learning rate of the weights at the start. */
  readonly weightRate: number;
  /** Learning rate of the architecture parameters at the start. */
  readonly architectureRate: number;
  readonly weightDecay: number;
  /** Random shifts by up to two pixels. */
  readonly shift: boolean;
  /** Random horizontal flips. */
  readonly flip: boolean;
  readonly derive: DeriveRule;
  /** What the derived network starts from when it is retrained. */
  readonly retrainFrom: "scratch" | "search";
  /** Train the derived policy, and the float and uniform networks, after the search. */
  readonly retrain: boolean;
  readonly baselines: boolean;
  readonly backend: "auto" | BackendId;
}

export interface Knobs {
  /** Weight of the complexity in the loss (EdMIPS, eq. 15). */
  readonly lambda: number;
  /** The budget, as the bit-width at which the uniform network has the same resource. */
  readonly target: number;
  /** The mean bits of activations, for a method that has a target of its own for them. */
  readonly activationTarget: number;
  /** Weight of the distance from the budget in the loss (FracBits, eq. 6). */
  readonly kappa: number;
}

/** A knob as its control shows it. */
export interface KnobSpec {
  readonly symbol: string;
  readonly label: string;
  /** One sentence. */
  readonly help: string;
  readonly scale: "logarithmic" | "linear";
  readonly min: number;
  readonly max: number;
  /** Values marked under the slider. */
  readonly ticks: readonly number[];
}

export const KNOBS: { readonly [K in keyof Knobs]: KnobSpec } = {
  lambda: {
    symbol: "λ",
    label: "complexity weight",
    help: "Loss = cross-entropy + λ · complexity: more of it, fewer bits.",
    scale: "logarithmic",
    min: 1e-6,
    max: 1,
    ticks: [1e-6, 1e-4, 1e-2, 1],
  },
  target: {
    symbol: "t",
    label: "target bits",
    help: "The budget: what the network would cost with this bit-width everywhere.",
    scale: "linear",
    min: 0.5,
    max: 8,
    ticks: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  activationTarget: {
    symbol: "tₐ",
    label: "target bits of activations",
    help: "The mean bit-width of the activations, each counted with its elements.",
    scale: "linear",
    min: 0.5,
    max: 8,
    ticks: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  kappa: {
    symbol: "κ",
    label: "budget weight",
    help: "Loss = cross-entropy + κ · distance from the budget: more of it, a stricter budget.",
    scale: "logarithmic",
    min: 1e-3,
    max: 1e3,
    ticks: [1e-3, 1, 1e3],
  },
};

export const LIMITS = {
  width: { min: 2, max: 256 },
  /** 0 stands for the data's own. */
  resolution: { min: 0, max: 1024 },
  side: { min: 0, max: 512 },
  epochs: { min: 1, max: 1000 },
  batch: { min: 1, max: 1024 },
  seed: { min: 0, max: 2 ** 31 - 1 },
  rate: { min: 1e-6, max: 10 },
  weightDecay: { min: 0, max: 1 },
  /** 0 bits prune a kernel. */
  bits: { min: 0, max: 8 },
  draws: { min: 1, max: 10_000 },
  tries: { min: 1, max: 64 },
} as const;

export const DEFAULT_CONFIG: RunConfig = {
  model: "resnet8",
  width: 8,
  data: "glyphs",
  dataUrl: "",
  side: 0,
  fit: "crop",
  unit: "character",
  method: "edmips",
  options: {},
  weightBits: [1, 2, 3, 4],
  activationBits: [2, 3, 4],
  includeEnds: false,
  expensive: ["conv", "dense", "lstm"],
  excluded: [],
  activations: "layer",
  resolution: 0,
  normalise: "auto",
  modelUrl: "",
  start: "pretrained",
  adapt: true,
  epochs: 5,
  batch: 64,
  seed: 1,
  weightRate: 0.1,
  // A hundred times the published rate: a search here has hundreds of steps, not a hundred thousand, and its probabilities must move.
  architectureRate: 1,
  weightDecay: 1e-4,
  shift: true,
  flip: false,
  derive: { rule: "winner", draws: 20, tries: 4 },
  retrainFrom: "scratch",
  retrain: true,
  baselines: true,
  backend: "auto",
};

export const DEFAULT_KNOBS: Knobs = { lambda: 1e-3, target: 3, activationTarget: 3, kappa: 1 };

/** The values that a method starts with in place of the general defaults. */
export type MethodDefaults = Partial<
  Pick<
    RunConfig,
    | "weightBits"
    | "activationBits"
    | "weightRate"
    | "architectureRate"
    | "weightDecay"
    | "retrain"
    | "retrainFrom"
    | "activations"
  >
>;

/** The rate for new weights is divided by this for weights that are trained already. */
const PRETRAINED_SLOWER = 10;

/** A configuration with the method's own values wherever nothing else was asked for. */
export function withMethodDefaults(config: RunConfig, defaults: MethodDefaults, given: ReadonlySet<keyof RunConfig>): RunConfig {
  return { ...config, ...Object.fromEntries(Object.entries(defaults).filter(([key]) => !given.has(key as keyof RunConfig))) };
}

const isPretrained = ({ model, start }: Pick<RunConfig, "model" | "start">): boolean =>
  model === IMPORTED && start === "pretrained";

/** A configuration that trains an imported network's weights on at a lower rate, unless a rate was asked for. */
export const withPretrainedRate = (config: RunConfig, given: ReadonlySet<keyof RunConfig>): RunConfig =>
  isPretrained(config) && !given.has("weightRate") ? { ...config, weightRate: config.weightRate / PRETRAINED_SLOWER } : config;

/** What changes with another network, or another start of it: the rate follows, up or down. */
export function withStart(
  config: RunConfig,
  change: Partial<Pick<RunConfig, "model" | "modelUrl" | "start">>,
): Partial<RunConfig> {
  const [before, after] = [isPretrained(config), isPretrained({ ...config, ...change })];
  if (before === after) return change;
  const { weightRate } = config;
  return { ...change, weightRate: after ? weightRate / PRETRAINED_SLOWER : weightRate * PRETRAINED_SLOWER };
}
