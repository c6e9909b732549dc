import { describe, expect, test } from "vitest";
import { FormatError } from "../../core/dataset";
import type { GraphNode } from "../../core/graph";
import type { ImportedNetwork } from "../../core/imported";
import { layersModel } from "./layers-model";
import { MODEL_LIMITS, type ModelFile } from "./reader";
import {
  functional,
  jsonFile,
  layer2,
  layer3,
  layersModelFiles,
  layersModelOf,
  modelFile,
  numbersFor,
  sequential,
} from "./testing";

const read = (files: readonly ModelFile[]): Promise<ImportedNetwork> => layersModel.read(files, MODEL_LIMITS);

async function refusal(files: readonly ModelFile[]): Promise<string> {
  const error: unknown = await read(files).catch((problem: unknown) => problem);
  expect(error).toBeInstanceOf(FormatError);
  return (error as FormatError).message;
}

/** Nodes of a network in short: "conv1:conv", and the owner of shared weights after "=". */
const outline = (nodes: readonly GraphNode[]): string =>
  nodes.map(({ name, op, weightOf }) => `${name}:${op}${weightOf === undefined ? "" : `=${weightOf}`}`).join(" ");

const INPUT = { batch_input_shape: [null, 7, 6, 2] };
const CONV = { filters: 4, kernel_size: [3, 3], strides: [2, 2], padding: "same", activation: "relu", use_bias: true };
const CONV_TENSORS = { "conv/kernel": [3, 3, 2, 4], "conv/bias": [4] };

describe("one model in the words of two versions", () => {
  const layers = (layer: typeof layer2, input: object) => [
    layer("InputLayer", "in", input),
    layer(
      "ZeroPadding2D",
      "pad",
      {
        padding: [
          [1, 0],
          [0, 2],
        ],
      },
      ["in"],
    ),
    layer("Conv2D", "conv", { ...CONV, padding: "valid" }, ["pad"]),
    layer("Conv2D", "again", { filters: 4, kernel_size: 1, activation: "linear", use_bias: false }, ["conv"], ["again:0"]),
    layer("Add", "add", {}, ["conv", "again:1"]),
    layer("GlobalAveragePooling2D", "gap", {}, ["add"]),
    layer("Dense", "fc", { units: 3, activation: "softmax" }, ["gap"]),
  ];
  const tensors = { ...CONV_TENSORS, "again/kernel": [1, 1, 4, 4], "fc/kernel": [4, 3], "fc/bias": [3] };

  test.each([
    ["Keras 2", layers(layer2, INPUT), "2.15.0", "from Keras 2.15.0"],
    ["Keras 3", layers(layer3, { batch_shape: [null, 7, 6, 2] }), "3.4.1", "from Keras 3.4.1"],
  ] as const)("%s", async (_name, given, version, format) => {
    const network = await read(layersModelOf(functional(given, "fc"), tensors, version));
    const graph = network.build([7, 6, 2]);
    expect(outline(graph.nodes)).toBe(
      "input:input conv:conv conv.relu:relu again:conv again_2:conv=again add:add gap:globalAveragePool fc:dense fc.softmax:softmax",
    );
    expect(graph.nodes.find(({ name }) => name === "conv")).toMatchObject({ padding: { top: 1, right: 2, bottom: 0, left: 0 } });
    expect(network.values.get("conv.weight")).toEqual(numbersFor("conv/kernel", [3, 3, 2, 4]));
    expect(network.info).toMatchObject({ name: "net", classes: 3, input: [7, 6, 2], parameters: 76 + 16 + 15, notes: [] });
    expect(network.info.format).toBe(`TensorFlow.js LayersModel, ${format}`);
  });
});

test('"same" padding follows the input\'s size, with more at the bottom and the right', async () => {
  const layers = [
    layer2("InputLayer", "in", { batch_input_shape: [null, null, null, 2] }),
    layer2("Conv2D", "conv", CONV, ["in"]),
  ];
  const { build, info } = await read(layersModelOf(functional(layers, "conv"), CONV_TENSORS));
  const padding = (shape: readonly number[]): unknown => build(shape).nodes.find(({ op }) => op === "conv");
  expect(padding([7, 6, 2])).toMatchObject({ padding: { top: 1, right: 1, bottom: 1, left: 0 } });
  expect(padding([8, 9, 2])).toMatchObject({ padding: { top: 0, right: 1, bottom: 1, left: 1 } });
  expect(info.input).toEqual([null, null, 2]);
  expect(() => build([7, 6])).toThrow(RangeError);
});

test("models inside of models are opened up, and one that is applied twice shares its weights", async () => {
  const block = functional(
    [
      layer2("InputLayer", "inner_in", { batch_input_shape: [null, 7, 6, 2] }),
      layer2("Conv2D", "conv", { ...CONV, filters: 2, strides: 1 }, ["inner_in"]),
      layer2("BatchNormalization", "bn", { momentum: 0.9 }, ["conv"]),
    ],
    "bn",
    "block",
  );
  // Keras 2 counts a nested model's applications from 1.
  const nested = { ...layer2("Functional", "block", {}, ["in"], ["block:1"]), config: block.config };
  const layers = [
    layer2("InputLayer", "in", INPUT),
    nested,
    layer2("Conv2D", "conv", { ...CONV, filters: 2 }, ["block:2"]),
    layer2("Flatten", "flat", {}, ["conv"]),
  ];
  const network = await read(
    layersModelOf(functional(layers, "flat"), {
      "conv/kernel": [3, 3, 2, 2],
      "conv/bias": [2],
      "block/conv/kernel": [3, 3, 2, 2],
      "block/conv/bias": [2],
      ...{ "bn/gamma": [2], "bn/beta": [2], "bn/moving_mean": [2], "bn/moving_variance": [2] },
    }),
  );
  expect(outline(network.build([7, 6, 2]).nodes)).toBe(
    "input:input block/conv:conv block/conv.relu:relu block/bn:batchNorm block/conv_2:conv=block/conv block/conv_2.relu:relu block/bn_2:batchNorm=block/bn conv:conv conv.relu:relu flat:flatten",
  );
  expect(network.values.get("block/conv.weight")).toEqual(numbersFor("block/conv/kernel", [3, 3, 2, 2]));
  expect(network.values.get("conv.weight")).toEqual(numbersFor("conv/kernel", [3, 3, 2, 2]));
  expect(network.values.get("block/bn_2.mean"), "statistics of both applications").toEqual(numbersFor("bn/moving_mean", [2]));
  expect(network.build([7, 6, 2]).nodes.find(({ op }) => op === "batchNorm")).toMatchObject({ epsilon: 1e-3 });
});

test("a Sequential model with everything that changes nothing outside of training", async () => {
  const layers = [
    layer2("Rescaling", "scale", { ...INPUT, scale: 1 / 127.5, offset: -1 }),
    layer2("RandomFlip", "flip"),
    layer2("Conv2D", "conv", CONV),
    layer2("SpatialDropout2D", "noise", { rate: 0.1 }),
    layer2("Dropout", "drop", { rate: 0.25 }),
    layer2("Flatten", "flat"),
  ];
  const { build, info } = await read(layersModelOf(sequential(layers), CONV_TENSORS));
  expect(outline(build([7, 6, 2]).nodes)).toBe("input:input scale:affine conv:conv conv.relu:relu drop:dropout flat:flatten");
  expect(info.normalisation).toBe("byte");
  expect(info.notes).toEqual([
    'RandomFlip "flip": it acts in training only, and is left out.',
    'SpatialDropout2D "noise": it acts in training only, and is left out.',
  ]);
});

test("an LSTM's gates are cut out of Keras's side by side, input above state", async () => {
  const layers = [
    layer2("Embedding", "emb", { batch_input_shape: [null, 5], input_dim: 7, output_dim: 3, mask_zero: true }),
    layer2("LSTM", "lstm", { units: 2, activation: "tanh", recurrent_activation: "sigmoid" }),
  ];
  const { values, info } = await read(
    layersModelOf(sequential(layers), {
      "emb/embeddings": [7, 3],
      "lstm/lstm_cell/kernel": [3, 8],
      "lstm/lstm_cell/recurrent_kernel": [2, 8],
      "lstm/lstm_cell/bias": [8],
    }),
  );
  const kernel = numbersFor("lstm/lstm_cell/kernel", [3, 8]);
  const recurrent = numbersFor("lstm/lstm_cell/recurrent_kernel", [2, 8]);
  const column = (gate: number): number[] =>
    [0, 1, 2]
      .flatMap((row) => [kernel[row * 8 + 2 * gate]!, kernel[row * 8 + 2 * gate + 1]!])
      .concat([0, 1].flatMap((row) => [recurrent[row * 8 + 2 * gate]!, recurrent[row * 8 + 2 * gate + 1]!]));
  expect([...values.get("lstm.forget.weight")!]).toEqual(column(1));
  expect([...values.get("lstm.output.weight")!]).toEqual(column(3));
  expect(info.notes).toEqual(['Embedding "emb": mask_zero is ignored: the symbol 0 is read like any other.']);
});

describe("types of numbers", () => {
  const dense = sequential([layer2("Dense", "fc", { batch_input_shape: [null, 2], units: 2, use_bias: false })]);
  const filesFor = (entry: object, bytes: ArrayLike<number>): readonly ModelFile[] => {
    const { json } = layersModelFiles(dense, {});
    const weights = [{ name: "fc/kernel", shape: [2, 2], ...entry }];
    return [
      jsonFile("model.json", { ...json, weightsManifest: [{ paths: ["a-shard1of2.bin", "a-shard2of2.bin"], weights }] }),
      modelFile("a-shard2of2.bin", Uint8Array.from(bytes).slice(1)),
      modelFile("a-shard1of2.bin", Uint8Array.from(bytes).slice(0, 1)),
    ];
  };
  test.each([
    [
      "uint8",
      { dtype: "float32", quantization: { dtype: "uint8", scale: 0.5, min: -1, original_dtype: "float32" } },
      [0, 1, 2, 255],
      [-1, -0.5, 0, 126.5],
    ],
    [
      "float16",
      { dtype: "float32", quantization: { dtype: "float16", original_dtype: "float32" } },
      [0, 0x3c, 0, 0xc0, 1, 0, 0, 0x7c],
      [1, -2, 2 ** -24, Infinity],
    ],
    ["int32", { dtype: "int32" }, [1, 0, 0, 0, 255, 255, 255, 255, 0, 1, 0, 0, 0, 0, 0, 0], [1, -1, 256, 0]],
    [
      "uint16",
      { dtype: "float32", quantization: { dtype: "uint16", scale: 2, min: 0 } },
      [1, 0, 0, 1, 0, 0, 255, 255],
      [2, 512, 0, 131070],
    ],
  ])("%s", async (_name, entry, bytes, expected) => {
    const { values } = await read(filesFor(entry, bytes));
    expect([...values.get("fc.weight")!]).toEqual(expected);
  });
});

describe("refuses with a sentence", () => {
  const conv = functional([layer2("InputLayer", "in", INPUT), layer2("Conv2D", "conv", CONV, ["in"])], "conv");

  test("layers that are not supported, all of them by name and class", async () => {
    const layers = [
      layer2("InputLayer", "in", INPUT),
      layer2("Conv2DTranspose", "up", {}, ["in"]),
      layer2("LayerNormalization", "ln", {}, ["up"]),
      layer2("Activation", "act", { activation: "gelu" }, ["ln"]),
      layer2("ReLU", "relu", { threshold: 0.5 }, ["act"]),
      layer2("Conv2D", "first", { ...CONV, data_format: "channels_first" }, ["relu"]),
      layer2("Conv2D", "conv", CONV, ["first"]),
    ];
    const message = await refusal(layersModelOf(functional(layers, "conv"), CONV_TENSORS));
    for (const part of [
      '"up" (Conv2DTranspose: such layers are not supported)',
      '"ln" (LayerNormalization',
      '"act" (Activation: the activation "gelu" is not supported)',
      '"relu" (ReLU: threshold "0.5" is not supported)',
      '"first" (Conv2D: data_format',
      "5 of its 6",
    ]) {
      expect(message).toContain(part);
    }
  });

  test("an operation that reads a constant, which is not to be lost", async () => {
    const plus = layer3("Add", "plus", {}, ["in"]);
    const [call] = plus.inbound_nodes as readonly [{ readonly args: readonly unknown[] }];
    const withConstant = { ...plus, inbound_nodes: [{ args: [...call.args, 3], kwargs: {} }] };
    const layers = [layer3("InputLayer", "in", { batch_shape: [null, 4] }), withConstant];
    expect(await refusal(layersModelOf(functional(layers, "plus"), {}, "3.0.0"))).toContain('"plus" (Add: it reads more than');
  });

  test("missing shards, by name", async () => {
    const { json } = layersModelFiles(conv, CONV_TENSORS);
    expect(await refusal([jsonFile("model.json", json)])).toContain(
      '"group1-shard1of1.bin" is missing: choose all of them together.',
    );
    expect(await refusal([modelFile("group1-shard1of1.bin", new Uint8Array(4))])).toContain("no such .json file was given");
  });

  test("shards that are cut off or too long", async () => {
    const { json, shard } = layersModelFiles(conv, CONV_TENSORS);
    for (const bytes of [shard.slice(4), new Uint8Array([...shard, 0])]) {
      const message = await refusal([jsonFile("model.json", json), modelFile("group1-shard1of1.bin", bytes)]);
      expect(message).toMatch(/describes 304 bytes, and its files have 30[05]/);
    }
  });

  test.each<[string, unknown, Readonly<Record<string, readonly number[]>>, RegExp]>([
    ["tensors that are not there", conv, { "conv/kernel": [3, 3, 2, 4] }, /no bias for the layer "conv"/],
    [
      "tensors of another shape",
      conv,
      { "conv/kernel": [3, 3, 2, 5], "conv/bias": [4] },
      /has the shape 3 x 3 x 2 x 5.*3 x 3 x any x 4/,
    ],
    [
      "tensors for another input",
      conv,
      { "conv/kernel": [3, 3, 3, 4], "conv/bias": [4] },
      /108 numbers as its weight and needs 72/,
    ],
    ["a model without layers", functional([layer2("InputLayer", "in", INPUT)], "in"), {}, /it has no layers/],
    ["two inputs", functional([layer2("InputLayer", "in", INPUT), layer2("InputLayer", "b", INPUT)], "in"), {}, /has 2 inputs/],
    [
      "a circle",
      functional([layer2("InputLayer", "in", INPUT), layer2("ReLU", "a", {}, ["b"]), layer2("ReLU", "b", {}, ["a"])], "b"),
      {},
      /"b" depends on itself/,
    ],
    ["volumes", sequential([layer2("ReLU", "a", { batch_input_shape: [null, 2, 2, 2, 2] })]), {}, /4 axes/],
    ["a model that was never built", sequential([layer2("ReLU", "a")]), {}, /does not say what its input is/],
  ])("%s", async (_name, topology, tensors, message) => {
    expect(await refusal(layersModelOf(topology, tensors))).toMatch(message);
  });

  test("a GraphModel, and JSON that breaks off", async () => {
    expect(await refusal([jsonFile("model.json", { format: "graph-model", modelTopology: {} })])).toMatch(
      /GraphModel.*tfjs_layers_model/,
    );
    const broken = new TextEncoder().encode('{"modelTopology": {"class_name"');
    expect(await refusal([modelFile("model.json", broken)])).toMatch(/damaged.*Get the file again/);
  });

  test("a nest of models that would open up without an end", async () => {
    let model: ReturnType<typeof functional> | null = null;
    for (let depth = 0; depth < 13; depth++) {
      const inside = model
        ? { ...layer2("Functional", "deeper", {}, ["in"], ["deeper:0"]), config: model.config }
        : layer2("ReLU", "r", {}, ["in"]);
      model = functional([layer2("InputLayer", "in", { batch_input_shape: [null, 4] }), inside], model ? "deeper:1" : "r");
    }
    const limits = { ...MODEL_LIMITS, nodes: 1000 };
    await expect(layersModel.read(layersModelOf(model, {}), limits)).rejects.toThrow(/more than 1000 layers/);
  });
});

test("recognises its files", () => {
  const { json, shard } = layersModelFiles(sequential([]), {});
  expect(layersModel.accepts([jsonFile("model.json", json)])).toBe(true);
  expect(layersModel.accepts([modelFile("group1-shard1of1.bin", shard)])).toBe(true);
  expect(layersModel.accepts([jsonFile("policy.json", { format: "bitloom.policy" })])).toBe(false);
  expect(layersModel.accepts([modelFile("data_batch_1.bin", new Uint8Array(3073))])).toBe(false);
});
