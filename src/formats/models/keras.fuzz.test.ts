/** Broken models: whatever a file says, the answer is a network or a sentence, and it comes soon. */
import { zipSync } from "fflate";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { FormatError } from "../../core/dataset";
import { kerasFile } from "./keras-file";
import { hdf5Bytes } from "./keras-testing";
import { layersModel } from "./layers-model";
import type { ModelFile, ModelReader } from "./reader";
import { functional, jsonFile, layer2, layersModelFiles, modelFile } from "./testing";

const LIMITS = { fileBytes: 200_000, values: 50_000, nodes: 200 };

/** No file may keep the page waiting. */
const SOON_MS = 2000;

async function answers(reader: ModelReader, files: readonly ModelFile[]): Promise<void> {
  const started = performance.now();
  try {
    const network = await reader.read(files, LIMITS);
    expect(network.info.classes).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    expect(error.message, "a sentence").toMatch(/^.{20,}\.$/s);
  }
  expect(performance.now() - started).toBeLessThan(SOON_MS);
}

const block = functional(
  [
    layer2("InputLayer", "i", { batch_input_shape: [null, 6, 6, 4] }),
    layer2("Conv2D", "c", { filters: 4, kernel_size: 3, padding: "same" }, ["i"]),
  ],
  "c",
  "block",
);
const MODEL = functional(
  [
    layer2("InputLayer", "in", { batch_input_shape: [null, 6, 6, 2] }),
    layer2(
      "ZeroPadding2D",
      "pad",
      {
        padding: [
          [0, 1],
          [1, 0],
        ],
      },
      ["in"],
    ),
    layer2("Conv2D", "conv", { filters: 4, kernel_size: [2, 2], activation: "hard_sigmoid" }, ["pad"]),
    layer2("BatchNormalization", "bn", { axis: [3] }, ["conv"]),
    { ...layer2("Functional", "block", {}, ["bn"], ["block:0"]), config: block.config },
    layer2("Multiply", "mul", {}, ["block:0", "block:1", "bn"]),
    layer2("Permute", "turn", { dims: [2, 1, 3] }, ["mul"]),
    layer2("Reshape", "rows", { target_shape: [36, -1] }, ["turn"]),
    layer2("LSTM", "lstm", { units: 3, activation: "tanh", recurrent_activation: "sigmoid" }, ["rows"]),
    layer2("Dense", "fc", { units: 3 }, ["lstm"]),
  ],
  "fc",
);
const TENSORS = {
  ...{ "conv/kernel": [2, 2, 2, 4], "conv/bias": [4], "c/kernel": [3, 3, 4, 4], "c/bias": [4] },
  ...{ "bn/gamma": [4], "bn/beta": [4], "bn/moving_mean": [4], "bn/moving_variance": [4] },
  ...{ "lstm/kernel": [4, 12], "lstm/recurrent_kernel": [3, 12], "lstm/bias": [12], "fc/kernel": [3, 3], "fc/bias": [3] },
};
const { json, shard } = layersModelFiles(MODEL, TENSORS);
const filesFor = (content: unknown, bytes = shard): readonly ModelFile[] => [
  jsonFile("model.json", content),
  modelFile("group1-shard1of1.bin", bytes),
];

/** What a damaged or hostile JSON may have anywhere. */
const VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 1, 2, 1.5, 1e9, 2 ** 31, 1e300, "", "x", "same", "Functional", "Sequential", "LSTM", "Multiply"],
  ...[
    [],
    {},
    [[]],
    [1],
    [0, 0],
    [1, 2, 3, 4],
    [null, 1e6, 1e6, 1e6],
    ["in", 0, 0],
    [["fc", 9, 0]],
    { class_name: "Dense", config: {} },
  ],
];

/** The JSON with the value at the `at`th place replaced; a list or an object counts as one place and each of its parts as one. */
function changed(value: unknown, at: number, to: unknown): unknown {
  let place = 0;
  const visit = (item: unknown): unknown => {
    if (place++ === at) return to;
    if (Array.isArray(item)) return item.map(visit);
    if (typeof item !== "object" || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([key, part]) => [key, visit(part)]));
  };
  return visit(value);
}

const places = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value as object).reduce((sum: number, part) => sum + places(part), 1);
};

const change = fc.record({ at: fc.integer({ min: 1, max: places(json) - 1 }), to: fc.constantFrom(...VALUES) });

/** Bytes flipped, and the end cut off or not. */
const damage = (length: number) =>
  fc.record({
    flips: fc.array(fc.record({ at: fc.nat(length - 1), to: fc.nat(255) }), { maxLength: 8 }),
    end: fc.oneof(fc.constant(length), fc.nat(length)),
  });

function damaged(
  bytes: Uint8Array,
  { flips, end }: { readonly flips: readonly { at: number; to: number }[]; readonly end: number },
): Uint8Array {
  const copy = bytes.slice();
  for (const { at, to } of flips) copy[at] = to;
  return copy.slice(0, end);
}

test("the undamaged models are read", async () => {
  expect((await layersModel.read(filesFor(json), LIMITS)).info.classes).toBe(3);
});

test("changed JSON", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) =>
      answers(layersModel, filesFor(changes.reduce((value: unknown, { at, to }) => changed(value, at, to), json))),
    ),
    { seed: 1, numRuns: 1500 },
  );
});

test("shards and texts that are damaged", async () => {
  const text = new TextEncoder().encode(JSON.stringify(json));
  await fc.assert(
    fc.asyncProperty(damage(text.length), damage(shard.length), (inText, inShard) =>
      answers(layersModel, [
        modelFile("model.json", damaged(text, inText)),
        modelFile("group1-shard1of1.bin", damaged(shard, inShard)),
      ]),
    ),
    { seed: 2, numRuns: 500 },
  );
});

test("archives that are damaged", async () => {
  const archive = zipSync({
    "model.json": new TextEncoder().encode(JSON.stringify(json)),
    "group1-shard1of1.bin": [shard, { level: 0 }],
  });
  await fc.assert(
    fc.asyncProperty(damage(archive.length), (in_) => answers(layersModel, [modelFile("model.zip", damaged(archive, in_))])),
    { seed: 3, numRuns: 1000 },
  );
});

let weights = new Uint8Array(0);
beforeAll(async () => {
  weights = (await hdf5Bytes({
    "layers/conv2d/vars/0": [2, 2, 2, 4],
    "layers/conv2d/vars/1": [4],
    ...Object.fromEntries([0, 1, 2, 3].map((i) => [`layers/batch_normalization/vars/${i}`, [4]])),
    "layers/functional/layers/conv2d/vars/0": [3, 3, 4, 4],
    "layers/functional/layers/conv2d/vars/1": [4],
    "layers/lstm/cell/vars/0": [4, 12],
    "layers/lstm/cell/vars/1": [3, 12],
    "layers/lstm/cell/vars/2": [12],
    "layers/dense/vars/0": [3, 3],
    "layers/dense/vars/1": [3],
  })) as Uint8Array<ArrayBuffer>;
});

test("HDF5 that is damaged", async () => {
  const config = new TextEncoder().encode(JSON.stringify(MODEL));
  const archive = (bytes: Uint8Array): ModelFile =>
    modelFile("model.keras", zipSync({ "config.json": config, "model.weights.h5": bytes }, { level: 0 }));
  expect((await kerasFile.read([archive(weights)], LIMITS)).info.classes).toBe(3);
  await fc.assert(
    fc.asyncProperty(damage(weights.length), (in_) => answers(kerasFile, [archive(damaged(weights, in_))])),
    { seed: 4, numRuns: 400 },
  );
});
