/** A built-in network: one file each in this folder, one line in `index.ts`. */
import type { Graph, Shape } from "../graph";

export interface ModelSpec {
  /** Channels of the first stage. */
  readonly width: number;
  /** [height, width, channels] of the images. */
  readonly input: Shape;
  readonly classes: number;
}

export interface Model {
  readonly id: string;
  readonly label: string;
  /** One sentence. */
  readonly summary: string;
  /** Width of the published network. */
  readonly width: number;
  /** Throws a RangeError with a sentence if the input is too small. */
  readonly build: (spec: ModelSpec) => Graph;
}
