import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../core/dataset";
import { kerasFile } from "./keras-file";
import { hdf5Bytes, kerasBytes } from "./keras-testing";
import { MODEL_LIMITS } from "./reader";
import { functional, layer3, modelFile, numbersFor } from "./testing";

const read = (name: string, bytes: Uint8Array) => kerasFile.read([modelFile(name, bytes)], MODEL_LIMITS);

async function refusal(name: string, bytes: Uint8Array): Promise<string> {
  const error: unknown = await read(name, bytes).catch((problem: unknown) => problem);
  expect(error).toBeInstanceOf(FormatError);
  return (error as FormatError).message;
}

const inner = functional(
  [
    layer3("InputLayer", "inner_in", { batch_shape: [null, 5, 5, 4] }),
    layer3("Conv2D", "stem", { filters: 2, kernel_size: [1, 1] }, ["inner_in"]),
  ],
  "stem",
  "inner",
);

/** Layers whose names are not in the order of their groups, and a nested model with a layer of the same name. */
const MODEL = functional(
  [
    layer3("InputLayer", "in", { batch_shape: [null, 5, 5, 3] }),
    layer3("Conv2D", "stem", { filters: 4, kernel_size: [1, 1], use_bias: false }, ["in"]),
    layer3("BatchNormalization", "norm", { scale: false, momentum: 0.75, axis: -1 }, ["stem"]),
    { ...layer3("Functional", "inner", {}, ["norm"]), config: inner.config },
    layer3("Conv2D", "conv2d", { filters: 3, kernel_size: [1, 1] }, ["inner"]),
    layer3("Reshape", "rows", { target_shape: [25, -1] }, ["conv2d"]),
    layer3("LSTM", "memory", { units: 2, activation: "tanh", recurrent_activation: "sigmoid", return_sequences: true }, ["rows"]),
    layer3("TimeDistributed", "each", { layer: { class_name: "Dense", config: { name: "fc", units: 6, use_bias: false } } }, [
      "memory",
    ]),
  ],
  "each",
);

const GROUPS = {
  "layers/conv2d/vars/0": [1, 1, 3, 4],
  "layers/batch_normalization/vars/0": [4],
  "layers/batch_normalization/vars/1": [4],
  "layers/batch_normalization/vars/2": [4],
  "layers/functional/layers/conv2d/vars/0": [1, 1, 4, 2],
  "layers/functional/layers/conv2d/vars/1": [2],
  "layers/conv2d_1/vars/0": [1, 1, 2, 3],
  "layers/conv2d_1/vars/1": [3],
  "layers/lstm/cell/vars/0": [3, 8],
  "layers/lstm/cell/vars/1": [2, 8],
  "layers/lstm/cell/vars/2": [8],
  "layers/time_distributed/layer/vars/0": [2, 6],
};

test("a .keras archive's groups are found by class and order, not by name", async () => {
  const { values, info, build } = await read("mine.keras", await kerasBytes(MODEL, GROUPS));
  const variables: Readonly<Record<string, keyof typeof GROUPS>> = {
    "stem.weight": "layers/conv2d/vars/0",
    "norm.bias": "layers/batch_normalization/vars/0",
    "norm.mean": "layers/batch_normalization/vars/1",
    "inner/stem.bias": "layers/functional/layers/conv2d/vars/1",
    "conv2d.weight": "layers/conv2d_1/vars/0",
    "each.weight": "layers/time_distributed/layer/vars/0",
  };
  for (const [variable, group] of Object.entries(variables)) {
    expect(values.get(variable), variable).toEqual(numbersFor(group, GROUPS[group]));
  }
  expect(values.get("norm.weight"), "a scale that is not stored").toEqual(Float32Array.of(1, 1, 1, 1));
  expect(values.get("memory.input.bias")).toEqual(numbersFor("layers/lstm/cell/vars/2", [8]).slice(0, 2));
  expect(info).toMatchObject({ name: "mine", format: "Keras 3.15.1", classes: 6, input: [5, 5, 3], notes: [] });
  expect(build([5, 5, 3]).nodes.find(({ op }) => op === "batchNorm")).toMatchObject({ momentum: 0.25, epsilon: 1e-3 });
});

test("a whole model in HDF5 has its layers' names, those of a nested model after its own", async () => {
  const datasets = {
    "model_weights/stem/stem/kernel:0": [1, 1, 3, 4],
    "model_weights/norm/norm/beta:0": [4],
    "model_weights/norm/norm/moving_mean:0": [4],
    "model_weights/norm/norm/moving_variance:0": [4],
    "model_weights/inner/stem/kernel:0": [1, 1, 4, 2],
    "model_weights/inner/stem/bias:0": [2],
    "model_weights/conv2d/conv2d/kernel:0": [1, 1, 2, 3],
    "model_weights/conv2d/conv2d/bias:0": [3],
    "model_weights/memory/memory/lstm_cell/kernel:0": [3, 8],
    "model_weights/memory/memory/lstm_cell/recurrent_kernel:0": [2, 8],
    "model_weights/memory/memory/lstm_cell/bias:0": [8],
    "model_weights/each/each/kernel:0": [2, 6],
    "optimizer_weights/adam/m:0": [3],
  };
  const attributes = { model_config: JSON.stringify(MODEL), keras_version: "2.15.0" };
  const { values, info } = await read("old.h5", await hdf5Bytes(datasets, attributes));
  expect(values.get("stem.weight")).toEqual(numbersFor("model_weights/stem/stem/kernel:0", [1, 1, 3, 4]));
  expect(values.get("inner/stem.weight")).toEqual(numbersFor("model_weights/inner/stem/kernel:0", [1, 1, 4, 2]));
  expect(info).toMatchObject({ name: "old", format: "Keras 2.15.0, HDF5", notes: [] });
});

describe("refuses with a sentence", () => {
  const config = new TextEncoder().encode(JSON.stringify(MODEL));

  test.each<[string, () => Promise<Uint8Array> | Uint8Array, RegExp]>([
    ["weights alone", () => hdf5Bytes(GROUPS), /weights without their layers.*model\.save/],
    [
      "pickled weights",
      () => zipSync({ "config.json": config, "model.weights.npz": config }),
      /pickled Python objects.*install h5py/,
    ],
    ["an archive without weights", () => zipSync({ "config.json": config }), /no model\.weights\.h5/],
    ["an archive of something else", () => zipSync({ "a.txt": config }), /no config\.json/],
    ["HDF5 that is cut off", async () => (await hdf5Bytes(GROUPS)).slice(0, 1500), /damaged: its HDF5 data cannot be read/],
    ["a text", () => new TextEncoder().encode("hello"), /neither a zip archive nor an HDF5 file/],
    [
      "groups that are missing",
      () => kerasBytes(MODEL, { "layers/conv2d/vars/0": [1, 1, 3, 4] }),
      /holds no beta for the layer "norm"/,
    ],
  ])("%s", async (_name, bytes, message) => {
    expect(await refusal("model.keras", await bytes())).toMatch(message);
  });

  test("a dataset that claims more than the file has", async () => {
    const bytes = await hdf5Bytes({ "layers/dense/vars/0": [3, 5] });
    // Sizes stand as 64-bit numbers, in the dataspace message.
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + 16 <= bytes.length; at++) {
      if (view.getBigUint64(at, true) === 3n && view.getBigUint64(at + 8, true) === 5n) view.setBigUint64(at, 1n << 40n, true);
    }
    const model = functional(
      [layer3("InputLayer", "in", { batch_shape: [null, 3] }), layer3("Dense", "fc", { units: 5, use_bias: false }, ["in"])],
      "fc",
    );
    const archive = zipSync({ "config.json": new TextEncoder().encode(JSON.stringify(model)), "model.weights.h5": bytes });
    expect(await refusal("lying.keras", archive)).toMatch(/damaged/);
  });
});
