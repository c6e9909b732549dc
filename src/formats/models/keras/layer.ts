/** What every kind of Keras layer gives: one family a file in `layers/`, one line each in `layers/index.ts`. */
import type { Operation, Shape } from "../../../core/graph";
import type { Config } from "./config";

/** A tensor of a file. */
export interface StoredTensor {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** A tensor that a layer needs. */
export interface TensorSpec {
  /** What Keras calls it, "kernel", with the names that other versions have for it. */
  readonly names: readonly [string, ...string[]];
  /** Null where any size will do; null for any shape. */
  readonly shape: readonly (number | null)[] | null;
}

/** A tensor of the graph. */
export interface Flow {
  readonly node: string;
  readonly shape: Shape;
}

/** Where a layer is applied. */
export interface Place {
  readonly inputs: readonly [Flow, ...Flow[]];
  /** The layer's tensors by the first of their names. */
  readonly tensors: Tensors;
  /** Appends a node called after the layer; `part` tells it from the layer's main one, whose part is "". */
  readonly add: (part: string, operation: Operation, ...inputs: readonly Flow[]) => Flow;
}

export type Tensors = ReadonlyMap<string, StoredTensor>;

/** Values of a layer's nodes by part, then by parameter: { "": { weight, bias } }. */
export type PartValues = Readonly<Record<string, Readonly<Record<string, Float32Array>>>>;

export interface KerasLayer {
  /** In the order in which Keras 3 numbers them. */
  readonly tensors: readonly TensorSpec[];
  /** Of tensors in the asked shapes. */
  readonly values: (tensors: Tensors) => PartValues;
  /** Appends the layer's nodes and gives its output. Throws a RangeError with a sentence for inputs that do not fit. */
  readonly nodes: (place: Place) => Flow;
  /** A sentence about what is left out; null for a layer that is read as it is. */
  readonly note: string | null;
  /** Where its variables lie inside its group in a Keras 3 file: "cell" for an LSTM. */
  readonly within: string;
  /** The name of the layer inside a wrapper, under which its tensors may be stored; null for no wrapper. */
  readonly inner: string | null;
}

/** The class's `config`, in a file written by Keras `version` (2 stands for TensorFlow.js, too). Throws an Unsupported. */
export type LayerReader = (config: Config, version: number) => KerasLayer;

const PLAIN = { tensors: [], values: () => ({}), note: null, within: "", inner: null } as const;

/** A layer without parameters. */
export const plainLayer = (nodes: KerasLayer["nodes"], note: string | null = null): KerasLayer => ({ ...PLAIN, nodes, note });

/** A layer with tensors of its own. */
export const weightedLayer = (layer: Pick<KerasLayer, "tensors" | "values" | "nodes"> & Partial<KerasLayer>): KerasLayer => ({
  ...PLAIN,
  ...layer,
});

/** A layer that is one operation whatever it reads. */
export const operationLayer = (operation: Operation): KerasLayer =>
  plainLayer(({ add, inputs }) => add("", operation, ...inputs));

/** The data of a tensor that the layer asked for. */
export function dataOf(tensors: Tensors, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (!tensor) throw new RangeError(`The tensor "${name}" was not asked for.`);
  return tensor.values;
}
