/** What a quantizer is to the rest of the engine: how it is opened at fixed bit-widths, and how a policy describes it. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Layer } from "../../core/layers";
import type { Bits, Role } from "../../core/search";

/** A quantizer at fixed widths for one tensor of a network. */
export interface OpenQuantizer {
  /** What it learns with the weights, such as a clip, by name. */
  readonly parameters: ReadonlyMap<string, tf.Variable>;
  /** In training, statistics that follow the data move; evaluation takes them as they are. */
  readonly apply: <T extends tf.Tensor>(x: T, training: boolean) => T;
  /** Starts what it learns from a first tensor of the data. */
  readonly calibrate: (x: tf.Tensor) => void;
  /** Step of its grid, [1], or [kernels] where those have widths of their own. `weight` is the tensor of a weight site, else unused. */
  readonly steps: (weight: tf.Tensor) => tf.Tensor1D;
  /** What its levels are counted from, [1], where the tensor's values decide that; left out for 0. `weight` as above. */
  readonly origin?: (weight: tf.Tensor) => tf.Tensor1D;
  readonly dispose: () => void;
}

export interface Quantizer {
  /** As in a policy's "scheme". */
  readonly id: string;
  readonly label: string;
  readonly roles: readonly Role[];
  readonly minBits: number;
  readonly maxBits: number;
  /** Whether it maps everything below zero to zero, so that a ReLU before it changes nothing. */
  readonly rectifies: boolean;
  /** `value = (q - zeroPoint) * step + origin` with integer q. */
  readonly zeroPoint: number;
  readonly signed: boolean;
  readonly rounding: "ROUND" | "FLOOR";
  /** For a tensor of `layer` in that role. */
  readonly open: (layer: Layer, bits: Bits, role: Role) => OpenQuantizer;
  /** Its levels at `bits`, ascending, on the scale of the tensor's `values`; `learned` gives its parameters by their last word. */
  readonly levels: (bits: number, values: Float32Array, learned: ReadonlyMap<string, number>) => readonly number[];
}
