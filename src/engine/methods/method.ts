/** What a search method is to the engine, the page and the command line. A method is one file and one line in `index.ts`. */
import type * as tf from "@tensorflow/tfjs-core";
import type { DeriveRule, Knobs } from "../../core/config";
import type { MethodInfo } from "../../core/protocol";
import type { Random } from "../../core/random";
import type { Candidate, Choice, Role, SearchSpace, Site } from "../../core/search";
import type { Quantization } from "../network";

export type Options = Readonly<Record<string, string>>;

/** The two groups of variables, each with a learning rate of its own. */
export type Group = "weights" | "architecture";

/** What a stage may use when it opens its search. */
export interface Opening {
  readonly space: SearchSpace;
  /** The network's own weight of a layer. */
  readonly weight: (layer: string) => tf.Variable;
  /** A further weight like it, independently initialised; the relaxation owns it. */
  readonly anotherWeight: (layer: string, label: string) => tf.Variable;
}

/** The relaxed network's view of one forward pass: distributions are evaluated once, however many layers use them. */
export interface RelaxedPass extends Quantization {
  /** Expected bit-width of each searched layer, [layers], differentiable. */
  readonly bits: (role: Role) => tf.Tensor1D;
  /** One row for each searched layer, one column for each candidate. */
  readonly probabilities: (role: Role) => tf.Tensor2D;
}

/** An open search: its variables, and how the network runs under it. */
export interface Relaxation {
  /** Trained at the architecture rate. */
  readonly architecture: ReadonlyMap<string, tf.Variable>;
  /** Trained with the weights. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  readonly pass: () => RelaxedPass;
  /** The weight variable that stands behind a choice for a weight site; the network's own unless each candidate has one. */
  readonly weightOf: (choice: Choice) => tf.Variable;
  readonly dispose: () => void;
}

/** Plain numbers about one site, for the decision. */
export interface Ballot {
  readonly site: Site;
  readonly probabilities: readonly number[];
}

export interface Stage {
  readonly name: string;
  /** One forward-backward each; which variables it updates. */
  readonly passes: readonly (readonly Group[])[];
  readonly open: (opening: Opening) => Relaxation;
  /** What is added to the cross-entropy. Scalar. */
  readonly penalty: (pass: RelaxedPass, space: SearchSpace, knobs: Knobs) => tf.Scalar;
  /** One policy from the ballots. */
  readonly decide: (ballots: readonly Ballot[], rule: DeriveRule, random: Random) => readonly Choice[];
}

/** How a method trains, searching and retraining alike. */
interface Training {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Factor on both learning rates after `epoch` (fractional) of `epochs`. */
  readonly schedule: (epoch: number, epochs: number) => number;
}

export interface Method extends MethodInfo {
  readonly training: Training;
  /** The quantizer that candidates of a role use. */
  readonly scheme: (role: Role) => string;
  readonly stages: (options: Options) => readonly Stage[];
}

/** Value of an option: the configured one, or the initial one of its description. Throws a RangeError if it is none of the values. */
export function optionValue(method: Pick<MethodInfo, "label" | "options">, options: Options, id: string): string {
  const spec = method.options.find((known) => known.id === id);
  if (!spec) throw new RangeError(`${method.label} has no option "${id}".`);
  const value = options[id] ?? spec.initial;
  if (spec.values.some((known) => known.id === value)) return value;
  throw new RangeError(`"${value}" is not a value of ${spec.label}. Known: ${spec.values.map((known) => known.id).join(", ")}.`);
}

/** Candidates of a role from a list of bit-widths. */
export const candidatesFor = (method: Method, role: Role, bits: readonly number[]): readonly Candidate[] =>
  bits.map((b) => ({ bits: b, scheme: method.scheme(role) }));
