/** A network out of a file: its graph, its weights, and what the reader had to say about it. */
import type { Graph, Shape } from "./graph";

/** Stands in a configuration's "model" for the network that was imported last. */
export const IMPORTED = "imported";

/** What the page and a policy tell about an imported network. Survives `structuredClone`. */
export interface ImportedInfo {
  /** The file's name without its ending. */
  readonly name: string;
  /** "ONNX, opset 13", "TensorFlow.js LayersModel". */
  readonly format: string;
  /** Of the bytes of its files, in the order of their names; hexadecimal. */
  readonly sha256: string;
  /** [height, width, channels] of images, [length, features] or [length] of sequences; null where the file leaves a size open. */
  readonly input: readonly (number | null)[];
  /** Outputs: classes, or symbols. */
  readonly classes: number;
  /** Weights and biases, running statistics not counted. */
  readonly parameters: number;
  /** Sentences about what was left out or assumed. */
  readonly notes: readonly string[];
  /** Id of a preset of `core/normalisation` that probably fits. */
  readonly normalisation: string;
}

export interface ImportedNetwork {
  readonly info: ImportedInfo;
  /** The graph for an input of this shape. Throws a RangeError with a sentence if it cannot have one. */
  readonly build: (input: Shape) => Graph;
  /**
   * Values by variable: "conv1.weight" in the layouts of `parameterShapes` (HWIO, HWCM if depthwise, [in, out], gates of an LSTM as
   * [features + units, units]), "bn1.weight" and "bn1.bias", and running statistics as "bn1.mean" and "bn1.variance".
   */
  readonly values: ReadonlyMap<string, Float32Array>;
}
