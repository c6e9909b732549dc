/** A LayersModel as a zip archive: model.json as TensorFlow.js writes it, and one shard. */
import { zipSync } from "fflate";
import type { Graph } from "../../../core/graph";
import type { NetworkFile } from "../exporter";
import { drawGraph, type DrawnLayer, type Drawing, type Output } from "./drawing";
import { drawNode } from "./operations";

const SHARD = "group1-shard1of1.bin";

/**
 * The graph with these values by variable, "conv1.weight". `metadata` is kept in the file. Throws a RangeError with a sentence that names
 * every node without a layer in Keras.
 */
export function writeLayersModel(
  graph: Graph,
  values: ReadonlyMap<string, Float32Array>,
  metadata: Readonly<Record<string, string>>,
): NetworkFile {
  const drawing = drawGraph(graph, drawNode);
  const read = (variable: string): Float32Array => {
    const found = values.get(variable);
    if (!found) throw new RangeError(`The network has no values for "${variable}".`);
    return found;
  };
  const weights = drawing.layers.flatMap(({ name, weights: own }) =>
    own.map((weight) => ({ ...weight, name: `${name}/${weight.name}` })),
  );
  const tensors = weights.map((weight) => weight.values(read));
  const json = {
    format: "layers-model",
    generatedBy: "Bitloom",
    convertedBy: null,
    userDefinedMetadata: { ...metadata, notes: drawing.notes },
    modelTopology: topologyOf(graph.name, drawing),
    weightsManifest: [{ paths: [SHARD], weights: weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })) }],
  };
  const text = new TextEncoder().encode(`${JSON.stringify(json, null, 1)}\n`);
  // The same network is the same file; a zip archive's times begin in 1980.
  const bytes = zipSync({ "model.json": text, [SHARD]: [littleEndian(tensors), { level: 0 }] }, { mtime: "1980-01-01T12:00:00" });
  return { bytes: bytes as Uint8Array<ArrayBuffer>, notes: drawing.notes };
}

function topologyOf(name: string, { layers, output }: Drawing) {
  const input = layers.find(({ className }) => className === "InputLayer");
  if (!input) throw new RangeError("A network without an input cannot be written.");
  return {
    class_name: "Model",
    config: {
      name,
      layers: layers.map(layerJson),
      input_layers: [[input.name, 0, 0]],
      output_layers: [[output.layer, output.node, 0]],
    },
    keras_version: "2.15.0",
    backend: "tensor_flow.js",
  };
}

const layerJson = ({ className, name, config, applications }: DrawnLayer) => ({
  class_name: className,
  name,
  config: { name, ...(className === "InputLayer" ? {} : { trainable: true }), ...config },
  inbound_nodes: applications.filter((reads) => reads.length > 0).map((reads) => reads.map(referenceOf)),
});

const referenceOf = ({ layer, node }: Output) => [layer, node, 0, {}] as const;

function littleEndian(tensors: readonly Float32Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * tensors.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const tensor of tensors) for (const value of tensor) view.setFloat32((at += 4) - 4, value, true);
  return bytes;
}
