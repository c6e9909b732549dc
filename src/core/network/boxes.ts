/** What a network is drawn from: boxes and the lines between them. */
import type { Shape } from "../graph";
import type { Role } from "../search";

/**
 * An operation with the light ones that follow it and that nobody else reads: a convolution, its normalisation and its ReLU are one
 * box.
 */
export interface OperationBox {
  readonly kind: "operation";
  readonly id: string;
  /** Names of the graph's nodes, in the order in which they are computed. */
  readonly nodes: readonly string[];
  /** "3x3 /2", "add". */
  readonly type: string;
  /** What follows it inside the box: "batch norm", "ReLU". */
  readonly then: readonly string[];
  /** Of what leaves the box. */
  readonly output: Shape;
  /** Costly layers inside: none, one, or the gates of an LSTM. */
  readonly layers: readonly string[];
}

/** The weights of a costly layer. */
export interface WeightBox {
  readonly kind: "weight";
  readonly id: string;
  readonly layer: string;
  /** The operation that it is drawn beside. */
  readonly beside: string;
}

/** A quantizing vertex. */
export interface QuantizerBox {
  readonly kind: "quantizer";
  readonly id: string;
  readonly site: string;
  readonly role: Role;
  /** The layer at whose site it is searched. */
  readonly layer: string;
  /** Names of the layers that read what it gives. */
  readonly readers: readonly string[];
  /** The operation that a weight's quantizer is drawn beside; null for one that stands on a line between operations. */
  readonly beside: string | null;
}

export type Box = OperationBox | WeightBox | QuantizerBox;

/** From a box to one that reads what it gives, by their ids. */
export interface Line {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export interface NetworkView {
  /** In network order: what is computed first comes first. */
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}
