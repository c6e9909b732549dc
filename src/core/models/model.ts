/** A built-in network: one file each in this folder, one line in `index.ts`. */
import type { Task } from "../dataset";
import type { Graph, Shape } from "../graph";

export interface ModelSpec {
  /** Channels of the first stage, units of a recurrent layer. */
  readonly width: number;
  /** [height, width, channels] of images, [length] of text, [features] of numbers. */
  readonly input: Shape;
  /** Outputs: classes, or the symbols of a language model. */
  readonly classes: number;
  /** Symbols of a text; images have none. */
  readonly vocabulary?: number;
}

export interface Model {
  readonly id: string;
  readonly label: string;
  /** One sentence. */
  readonly summary: string;
  readonly task: Task;
  /** Width of the published network. */
  readonly width: number;
  /** Throws a RangeError with a sentence if the input is too small. */
  readonly build: (spec: ModelSpec) => Graph;
}
