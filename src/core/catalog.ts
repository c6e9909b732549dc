/** What can be chosen, as data: the page has no list of its own. */
import type { Knobs, MethodDefaults } from "./config";
import type { Role } from "./search";

/** One of a method's variants, as data: the page draws the form from it. */
export interface OptionSpec {
  readonly id: string;
  readonly label: string;
  /** One sentence. */
  readonly help: string;
  readonly values: readonly { readonly id: string; readonly label: string }[];
  /** Id of the value used when the configuration names none; with `many` their ids, with commas between. */
  readonly initial: string;
  /** Whether any number of values above none can be chosen. */
  readonly many?: true;
}

export interface MethodInfo {
  readonly id: string;
  readonly label: string;
  /** One sentence with the paper. */
  readonly summary: string;
  /** Knobs that the method reads; the page shows no others. */
  readonly knobs: readonly KnobUse[];
  readonly options: readonly OptionSpec[];
  /** Whether a policy can be drawn from its probabilities, or is decided by a rule of its own. */
  readonly sampling: boolean;
  /** What it starts with where that differs from the general defaults. */
  readonly defaults: MethodDefaults;
  /** What can follow its search of schemes once a person has looked them through; null for other methods. */
  readonly continuation: Continuation | null;
}

/** A search that goes on from the schemes of a policy. */
export interface Continuation {
  /** The method whose later searches these are: its first one is replaced by the policy. */
  readonly method: string;
  /** As its button says it. */
  readonly label: string;
  /** What it makes of the policy, in one sentence. */
  readonly help: string;
}

/** A knob of a method, and the option value under which alone it is read; null for always. */
export interface KnobUse {
  readonly knob: keyof Knobs;
  readonly when: { readonly option: string; readonly value: string } | null;
  /** One sentence in place of the knob's own, where it means something else to this method. */
  readonly help?: string;
}

/** A quantity of the method's own that is worth a line over time. */
export interface MeterSpec {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** One sentence. */
  readonly help: string;
  /** One number for the network, or one for each searched layer. */
  readonly per: "network" | "layer";
  readonly scale: "logarithmic" | "linear";
  /** Meters of one group share a chart. */
  readonly group: string;
}

/** What can be chosen. The page has no list of its own. */
export interface Catalog {
  readonly methods: readonly MethodInfo[];
  /** Quantizers that compete as schemes, whatever their bits; each has a letter of its own. */
  readonly schemes: readonly SchemeInfo[];
}

export interface SchemeInfo {
  /** As in a candidate's and a policy's "scheme". */
  readonly id: string;
  readonly label: string;
  /** Stands for it where there is little room (AutoQNN, table 7). */
  readonly letter: string;
  /** Tensors that it can quantize. */
  readonly roles: readonly Role[];
  readonly minBits: number;
  readonly maxBits: number;
  /** How a policy describes it. */
  readonly grid: SchemeGrid;
}

/** What a policy says about the integers of a quantizer, whatever its step is. */
export interface SchemeGrid {
  readonly signed: boolean;
  readonly zeroPoint: number;
  readonly rounding: "ROUND" | "FLOOR";
}
