/** What a search method is to the engine, the page and the command line. A method is one file and one line in `index.ts`. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Resource } from "../../core/budget";
import type { DeriveRule, Knobs, RunConfig } from "../../core/config";
import type { Layer } from "../../core/layers";
import type { Branches } from "../../core/memory-nodes";
import type { MeterSpec, MethodInfo, OptionSpec } from "../../core/catalog";
import type { Random } from "../../core/random";
import type { Choice, Role, SearchSpace, Site, SiteRule } from "../../core/search";
import type { Calibrated } from "../forward";

export type Options = Readonly<Record<string, string>>;

/** The two groups of variables, each with a learning rate of its own. */
export type Group = "weights" | "architecture";

/** What a stage may use when it opens its search. */
export interface Opening {
  readonly space: SearchSpace;
  readonly knobs: Knobs;
  readonly random: Random;
  /** The network's own weight of a layer. */
  readonly weight: (layer: string) => tf.Variable;
  /** A further weight like it, independently initialised; the relaxation owns it. */
  readonly anotherWeight: (layer: string, label: string) => tf.Variable;
}

/** The relaxed network's view of one forward pass: distributions are evaluated once, however many layers use them. */
export interface RelaxedPass extends Calibrated {
  /** Expected bit-width of each searched layer, [layers], differentiable. */
  readonly bits: (role: Role) => tf.Tensor1D;
  /** One row for each searched layer, one column for each of the candidates that the sites of the role share. */
  readonly probabilities: (role: Role) => tf.Tensor2D;
  /** Bits of each kernel, site after site of the role; null where tensors have one width each. */
  readonly kernels: (role: Role) => tf.Tensor1D | null;
  /** What is added to the cross-entropy under these knobs. Scalar. */
  readonly penalty: (knobs: Knobs) => tf.Scalar;
  /** What `Stage.meters` describes, in its order: [1], or [layers]. */
  readonly meters: (knobs: Knobs) => readonly tf.Tensor1D[];
}

/** An open search: its variables, and how the network runs under it. */
export interface Relaxation {
  /** Trained at the architecture rate. */
  readonly architecture: ReadonlyMap<string, tf.Variable>;
  /** Trained with the weights. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /**
   * Called before each training step, outside of it: draws what is random and moves what follows a schedule, by overwriting variables.
   * `progress` is the share of the stage that is done, 0 to 1.
   */
  readonly prepare?: (progress: number) => void;
  /** `training` says whether the pass uses what was drawn at random. It makes no random tensors itself: steps may be recorded. */
  readonly pass: (training: boolean) => RelaxedPass;
  /** The weight variable that stands behind a choice for a weight site; the network's own unless each candidate has one. */
  readonly weightOf: (choice: Choice) => tf.Variable;
  readonly dispose: () => void;
}

/** Plain numbers about one site, for the decision. */
export interface Ballot {
  readonly site: Site;
  readonly probabilities: readonly number[];
  /** Expected bits, one for each kernel. */
  readonly bits: readonly number[];
}

/** What a decision may depend on. */
export interface Decision {
  readonly rule: DeriveRule;
  readonly random: Random;
  readonly space: SearchSpace;
  readonly knobs: Knobs;
}

export interface Stage {
  readonly name: string;
  /** Its own candidates, which follow from what the stage before it decided. Left out where they are the method's. */
  readonly site?: (config: RunConfig, found: readonly Choice[]) => SiteRule;
  /** Set where the run ends with this stage's decision, although others follow, for a person to edit it: what the log then says. */
  readonly waits?: string;
  /** What the architecture rate is multiplied with where the method's schedule gives `factor`; that factor if left out. */
  readonly architectureSchedule?: (factor: number) => number;
  /** One forward-backward each; which variables it updates. */
  readonly passes: readonly (readonly Group[])[];
  readonly meters: readonly MeterSpec[];
  /** Throws a RangeError with a sentence if a search with these knobs cannot succeed. */
  readonly check: (space: SearchSpace, knobs: Knobs) => void;
  readonly open: (opening: Opening) => Relaxation;
  /** One policy from the ballots. */
  readonly decide: (ballots: readonly Ballot[], decision: Decision) => readonly Choice[];
}

/** How a method trains, searching and retraining alike. */
interface Training {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Factor on both learning rates after `epoch` (fractional) of `epochs`. */
  readonly schedule: (epoch: number, epochs: number) => number;
  /** Whether weight decay acts on a variable; `layer` is the one whose weight it is, null for any other variable. */
  readonly decays: (layer: Layer | null) => boolean;
  /** Share of the epochs that the search leaves for training the decided network on, from where it stands; 0 for none. */
  readonly fineTuning: number;
}

export interface Method extends MethodInfo {
  readonly training: Training;
  /** Scheme of the uniform networks that it is compared with; null for the one of its candidates. */
  readonly uniformScheme: ((role: Role) => string) | null;
  /** What its first stage makes of the tensors of a configuration's network. A RangeError with a sentence for candidates that it cannot have. */
  readonly site: (config: RunConfig) => SiteRule;
  /** How its search weighs weight candidates; left out where each layer has one weight and one quantized mixture of it. */
  readonly branches?: (config: RunConfig) => Branches;
  /** What its budget counts under these options; null without one. */
  readonly resource: (options: Options) => Resource | null;
  /** One search after another on one network: each decides, and the next starts from the weights and the decisions. */
  readonly stages: (options: Options) => readonly Stage[];
}

/** Values of an option of which many can be chosen, in the order of its description. Throws a RangeError as `optionValue` does. */
export function chosenValues(method: Pick<MethodInfo, "label" | "options">, options: Options, id: string): readonly string[] {
  const spec = method.options.find((known) => known.id === id);
  if (!spec?.many) throw new RangeError(`${method.label} has no list "${id}".`);
  const wanted = new Set((options[id] ?? spec.initial).split(",").filter(Boolean));
  const chosen = spec.values.filter((value) => wanted.delete(value.id));
  const [unknown] = wanted;
  if (unknown !== undefined) throw unknownValue(spec, unknown);
  if (chosen.length === 0) throw new RangeError(`${spec.label}: choose at least one.`);
  return chosen.map((value) => value.id);
}

const unknownValue = ({ label, values }: OptionSpec, value: string): RangeError =>
  new RangeError(`"${value}" is not a value of ${label}. Known: ${values.map((known) => known.id).join(", ")}.`);

/** Value of an option: the configured one, or the initial one of its description. Throws a RangeError if it is none of the values. */
export function optionValue(method: Pick<MethodInfo, "label" | "options">, options: Options, id: string): string {
  const spec = method.options.find((known) => known.id === id);
  if (!spec) throw new RangeError(`${method.label} has no option "${id}".`);
  const value = options[id] ?? spec.initial;
  if (spec.values.some((known) => known.id === value)) return value;
  throw unknownValue(spec, value);
}
