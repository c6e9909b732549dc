/** Layers for sequences. */
import { GATES } from "../../../../core/graph";
import { count, flag, isRecord, only, Unsupported } from "../config";
import { dataOf, weightedLayer, type KerasLayer, type LayerReader } from "../layer";
import { activation, elu, leakyRelu, reluLayer, softmax } from "./activation";
import { dense } from "./dense";
import { dropout } from "./training-only";

export const embedding: LayerReader = (config) => {
  const [vocabulary, size] = [count(config, "input_dim"), count(config, "output_dim")];
  const masks = flag(config, "mask_zero", false);
  return weightedLayer({
    tensors: [{ names: ["embeddings"], shape: [vocabulary, size] }],
    values: (tensors) => ({ "": { weight: dataOf(tensors, "embeddings") } }),
    nodes: ({ add, inputs: [input] }) => add("", { op: "embedding", vocabulary, size }, input),
    note: masks ? "mask_zero is ignored: the symbol 0 is read like any other" : null,
  });
};

/** Keras has the gates side by side, in the order of `GATES`, and the weights of input and state apart. */
export const lstm: LayerReader = (config) => {
  const units = count(config, "units");
  const bias = flag(config, "use_bias", true);
  only(config, "activation", "tanh");
  // TensorFlow.js has another default, and writes what it uses.
  only(config, "recurrent_activation", "sigmoid");
  for (const setting of ["return_state", "go_backwards", "stateful", "time_major"]) only(config, setting, false);
  const returns = flag(config, "return_sequences", false) ? "sequence" : "last";
  return weightedLayer({
    tensors: [
      { names: ["kernel"], shape: [null, 4 * units] },
      { names: ["recurrent_kernel"], shape: [units, 4 * units] },
      ...(bias ? [{ names: ["bias"] as const, shape: [4 * units] }] : []),
    ],
    values: (tensors) => {
      const [kernel, recurrent] = [dataOf(tensors, "kernel"), dataOf(tensors, "recurrent_kernel")];
      const biases = bias ? dataOf(tensors, "bias") : new Float32Array(4 * units);
      return {
        "": Object.fromEntries(
          GATES.flatMap((gate, i) => [
            [
              `${gate}.weight`,
              joined(columns(kernel, 4 * units, i * units, units), columns(recurrent, 4 * units, i * units, units)),
            ],
            [`${gate}.bias`, biases.slice(i * units, (i + 1) * units)],
          ]),
        ),
      };
    },
    nodes: ({ add, inputs: [input] }) => add("", { op: "lstm", units, returns }, input),
    within: "cell",
  });
};

/** `count` columns from `from` on of a matrix with rows of `width`. */
function columns(matrix: Float32Array, width: number, from: number, count: number): Float32Array {
  const rows = matrix.length / width;
  const cut = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) cut.set(matrix.subarray(row * width + from, row * width + from + count), row * count);
  return cut;
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Layers that treat every position alike anyway. */
const INNER: Readonly<Record<string, LayerReader>> = {
  Dense: dense,
  Activation: activation,
  ReLU: reluLayer,
  LeakyReLU: leakyRelu,
  ELU: elu,
  Softmax: softmax,
  Dropout: dropout,
};

export const timeDistributed: LayerReader = (config, version): KerasLayer => {
  const layer = config["layer"];
  const type = isRecord(layer) ? String(layer["class_name"]) : "nothing";
  const read = Object.hasOwn(INNER, type) ? INNER[type] : undefined;
  const inner = isRecord(layer) ? layer["config"] : null;
  if (!read || !isRecord(inner)) throw new Unsupported(`${type.slice(0, 60)} inside of it is not supported`);
  return { ...read(inner, version), within: "layer", inner: typeof inner["name"] === "string" ? inner["name"] : null };
};
