/** Models as Keras and TensorFlow.js write them, made by the tests themselves. */
import { createRandom } from "../../core/random";
import { namedBytes } from "../read";
import type { ModelFile } from "./reader";

/** A file in memory, as a reader is given it. */
export const modelFile = (name: string, bytes: Uint8Array): ModelFile => ({
  file: namedBytes(new Blob([bytes.slice()]), name),
  head: bytes.slice(0, 512),
});

export const jsonFile = (name: string, content: unknown): ModelFile =>
  modelFile(name, new TextEncoder().encode(JSON.stringify(content)));

interface WrittenLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: object;
  readonly inbound_nodes: readonly object[];
}

/** A class, a name, its settings, and for each application the layers that are read. */
type WriteLayer = (className: string, name: string, config?: object, ...inputs: readonly (readonly string[])[]) => WrittenLayer;

/** A layer in the words of Keras 2 and TensorFlow.js. */
export const layer2: WriteLayer = (className, name, config = {}, ...inputs) => ({
  class_name: className,
  name,
  config: { name, ...config },
  inbound_nodes: inputs.map((reads) => reads.map((read) => [...reference(read), {}])),
});

/** The same in the words of Keras 3. */
export const layer3: WriteLayer = (className, name, config = {}, ...inputs) => ({
  module: "keras.layers",
  class_name: className,
  name,
  registered_name: null,
  config: {
    name,
    dtype: { module: "keras", class_name: "DTypePolicy", config: { name: "float32" }, registered_name: null },
    ...config,
  },
  inbound_nodes: inputs.map((reads) => {
    const tensors = reads.map((read) => ({
      class_name: "__keras_tensor__",
      config: { shape: [null], dtype: "float32", keras_history: reference(read) },
    }));
    return { args: tensors.length === 1 ? tensors : [tensors], kwargs: {} };
  }),
});

/** "conv1:2" is the third application of conv1. */
function reference(text: string): readonly [string, number, number] {
  const [name = "", node = "0"] = text.split(":");
  return [name, Number(node), 0];
}

/** A functional model of such layers, the first of which is the input. */
export const functional = (layers: readonly { readonly name: string }[], output: string, name = "net") => ({
  class_name: "Functional",
  config: { name, layers, input_layers: [[layers[0]?.name, 0, 0]], output_layers: [reference(output)] },
});

export const sequential = (layers: readonly object[], name = "net") => ({ class_name: "Sequential", config: { name, layers } });

/** Numbers for tensors, the same at every call. */
export function numbersFor(name: string, shape: readonly number[]): Float32Array {
  const random = createRandom(name);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.3 * random.normal());
}

/** model.json of a LayersModel and its one shard. */
export function layersModelFiles(topology: unknown, tensors: Readonly<Record<string, readonly number[]>>, version = "2.15.0") {
  const values = Object.entries(tensors).map(([name, shape]) => numbersFor(name, shape));
  const shard = new Uint8Array(values.flatMap((tensor) => [...new Uint8Array(tensor.buffer)]));
  const weights = Object.entries(tensors).map(([name, shape]) => ({ name, shape, dtype: "float32" }));
  const json = {
    format: "layers-model",
    modelTopology: { model_config: topology, keras_version: version },
    weightsManifest: [{ paths: ["group1-shard1of1.bin"], weights }],
  };
  return { json, shard };
}

/** The same as the files that a reader is given. */
export function layersModelOf(...args: Parameters<typeof layersModelFiles>): readonly ModelFile[] {
  const { json, shard } = layersModelFiles(...args);
  return [jsonFile("model.json", json), modelFile("group1-shard1of1.bin", shard)];
}
