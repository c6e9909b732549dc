import { exportName, type NetworkExporter } from "./exporter";
import { writeLayersModel } from "./keras/archive";

/** The network in float, with the weights that it has before its quantizers, for TensorFlow.js 4 and what reads its files. */
export const layersModelZip: NetworkExporter = {
  id: "layers-model",
  label: "Network as TensorFlow.js LayersModel, float weights (.zip)",
  mediaType: "application/zip",
  fileName: (config) => exportName(config, "layers-model.zip"),
  write: ({ graph, values, from }, { model, data, method, seed }) =>
    writeLayersModel(graph, values, {
      weights: `Float weights before quantization (${from}); the bit-widths are in the policy's file.`,
      run: `${model} on ${data}, ${method}, seed ${seed}`,
    }),
};
