/** Networks out of files, on every backend that Node has: what they answer, and searches that start from their weights. */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, type RunConfig } from "../../core/config";
import type { Dataset, ImageDataset } from "../../core/dataset";
import { IMPORTED, type ImportedNetwork } from "../../core/imported";
import { createRandom } from "../../core/random";
import type { RunEvent } from "../../core/protocol";
import { readNetwork } from "../../formats/models";
import { fileOf, onnxBytes } from "../../formats/models/onnx/testing";
import { readDataset } from "../../formats/read";
import { openBackend } from "../backend";
import { createControl } from "../control";
import { sliceSplit } from "../datasets/batches";
import { FLOAT, forward } from "../forward";
import { createNetwork, disposeNetwork } from "../network";
import { adaptStudy } from "../study/adapt";
import { corners, eventsOf } from "../study/testing";
import { disposeStudy, evaluateAsIs, openStudy, runStudy } from "../study";

const SHARED = "../shared";
const isThere = existsSync(SHARED);
if (!isThere) console.warn("Skipped: there is no ../shared, so no real network was imported.");

const fromDisk = (path: string) => fileOf(new Uint8Array(readFileSync(path)), basename(path));

const MNIST = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];
const DATA: Readonly<Record<string, () => Promise<Dataset>>> = {
  mnist10k: () => readDataset(MNIST.map((name) => fromDisk(`${SHARED}/data/mnist10k/${name}.gz`))),
  "cifar10-subset": () => readDataset([fromDisk(`${SHARED}/data/cifar10-subset/cifar-10-binary-subset.tar.gz`)]),
};

interface Expected {
  readonly dataset: string;
  readonly testAccuracy: number;
  readonly firstTestLogits: readonly (readonly number[])[];
}

describe.runIf(isThere).each(["wasm", "cpu"] as const)("on %s", (backend) => {
  beforeAll(async () => {
    await openBackend(backend, { wasmPaths: null, threads: 1 });
  });

  test.each(["mnist-lenet", "mnist-resnet8", "cifar-mobilenetv2"])("%s answers as it did in PyTorch", async (name) => {
    const expected = JSON.parse(readFileSync(`${SHARED}/models/${name}.json`, "utf8")) as Expected;
    const network = await readNetwork([fromDisk(`${SHARED}/models/${name}.onnx`)]);
    const dataset = await DATA[expected.dataset]!();
    // The CPU backend takes minutes for all test images.
    const few = backend === "cpu" ? firstOf(dataset, 8) : dataset;
    const { accuracy, logits } = await evaluateAsIs(openStudy({ ...DEFAULT_CONFIG, model: IMPORTED }, few, network), null);
    if (backend === "wasm") expect(Math.abs(accuracy - expected.testAccuracy)).toBeLessThanOrEqual(0.001);
    const worst = Math.max(
      ...logits.flatMap((row, i) => row.map((value, j) => Math.abs(value - expected.firstTestLogits[i]![j]!))),
    );
    expect(worst).toBeLessThan(1e-3);
  });
});

function firstOf(dataset: Dataset, count: number): Dataset {
  if (dataset.info.kind !== "images") throw new RangeError("Images only.");
  const test = sliceSplit(dataset.info, dataset.test, 0, count) as ImageDataset["test"];
  return { ...(dataset as ImageDataset), test };
}

/** Known sizes: torchvision's ResNet-50, BVLC's AlexNet and GoogLeNet, SqueezeNet 1.1. MACs of convolutions and dense layers. */
const FULL_SIZE = [
  ["light_resnet50", 25_557_032, 4_089_184_256, 54],
  ["light_squeezenet", 1_235_496, 349_151_936, 26],
  ["light_inception_v1", 6_998_552, 1_431_556_352, 58],
  ["light_bvlc_alexnet", 60_965_224, 654_560_384, 8],
] as const;

describe.runIf(isThere)("full-size architectures", () => {
  beforeAll(async () => {
    await openBackend("wasm", { wasmPaths: null, threads: 1 });
  });

  test.each(FULL_SIZE)("%s has its parameters and MACs, quantizers where it should, and a finite answer", async (...row) => {
    const [name, parameters, macs, layers] = row;
    const { info, build, values } = await readNetwork([fromDisk(`${SHARED}/models/${name}.onnx`)]);
    expect(info).toMatchObject({ input: [224, 224, 3], classes: 1000, parameters, normalisation: "imagenet" });
    const data = imageNetLike();
    const study = openStudy({ ...DEFAULT_CONFIG, model: IMPORTED, activations: "tensor", start: "scratch" }, data, {
      info,
      build,
      values,
    });
    expect(study.space.layers.reduce((sum, layer) => sum + layer.macs, 0)).toBe(macs);
    expect(study.space.layers).toHaveLength(layers);
    // One for each weight, and one for each tensor however many layers read it.
    const inputs = new Set(
      study.source.graph.nodes.flatMap((node) => (study.space.searched.some((l) => l.name === node.name) ? node.inputs : [])),
    );
    expect(study.vertices).toHaveLength(study.space.searched.length + inputs.size);
    const network = createNetwork(build([224, 224, 3]), createRandom(1));
    const answer = tf.tidy(() => forward(network, tf.fill([1, 224, 224, 3], 0.5), FLOAT, { training: false }).logits);
    const numbers = await answer.data();
    expect(numbers).toHaveLength(1000);
    expect(numbers.every(Number.isFinite)).toBe(true);
    answer.dispose();
    disposeNetwork(network);
  });
});

function imageNetLike(): Dataset {
  const split = { images: new Uint8Array(224 * 224 * 3), labels: new Uint16Array(1) };
  const info = {
    kind: "images",
    id: "i",
    name: "I",
    classes: Array.from({ length: 1000 }, (_, i) => `${i}`),
    height: 224,
    width: 224,
    channels: 3,
  };
  return { info: { ...info, trainCount: 1, testCount: 1 }, train: split, test: split } as unknown as Dataset;
}

/** Two convolutions and a dense layer without batch normalisation, as exporters leave them, with weights of odd sizes. */
async function folded(): Promise<ImportedNetwork> {
  const random = createRandom("folded");
  const tensor = (name: string, scale: number, ...dims: readonly number[]) => ({
    ...{ name, dims, data: Array.from({ length: dims.reduce((a, b) => a * b) }, () => scale * random.normal()) },
  });
  const relu = (from: string, to: string) => ({ type: "Relu", inputs: [from], outputs: [to] });
  const pads = { ints: { pads: [1, 1, 1, 1] } };
  return readNetwork([
    fileOf(
      onnxBytes({
        nodes: [
          { type: "Conv", name: "a", inputs: ["x", "a.weight", "a.bias"], outputs: ["h1"], ...pads },
          relu("h1", "r1"),
          { type: "Conv", name: "b", inputs: ["r1", "b.weight", "b.bias"], outputs: ["h2"], ...pads },
          relu("h2", "r2"),
          { type: "Conv", name: "c", inputs: ["r2", "c.weight", "c.bias"], outputs: ["h3"], ...pads },
          { type: "Add", inputs: ["h3", "r1"], outputs: ["s"] },
          relu("s", "r3"),
          { type: "MaxPool", inputs: ["r3"], outputs: ["p"], ints: { kernel_shape: [4, 4], strides: [4, 4] } },
          { type: "Flatten", inputs: ["p"], outputs: ["f"] },
          { type: "Gemm", name: "fc", inputs: ["f", "fc.weight", "fc.bias"], outputs: ["y"] },
        ],
        tensors: [
          ...[
            tensor("a.weight", 2, 6, 1, 3, 3),
            tensor("a.bias", 1, 6),
            tensor("b.weight", 0.7, 6, 6, 3, 3),
            tensor("b.bias", 3, 6),
          ],
          ...[
            tensor("c.weight", 0.05, 6, 6, 3, 3),
            tensor("c.bias", 0.1, 6),
            tensor("fc.weight", 0.1, 24, 4),
            tensor("fc.bias", 0.1, 4),
          ],
        ],
        input: [0, 1, 8, 8],
      }),
    ),
  ]);
}

describe("a network with folded batch normalisation", () => {
  const config: RunConfig = {
    ...DEFAULT_CONFIG,
    ...{ model: IMPORTED, data: "corners", epochs: 5, batch: 16, shift: false, baselines: false, retrainFrom: "search" },
  };

  beforeAll(async () => {
    await openBackend("wasm", { wasmPaths: null, threads: 1 });
  });

  test("gets it back, and unit inputs, without answering differently", async () => {
    const network = await folded();
    const tensors = tf.memory().numTensors;
    const study = openStudy(config, corners(), network);
    const adapted = await adaptStudy(study);
    expect(adapted.source.graph.nodes.filter(({ op }) => op === "batchNorm").map(({ name }) => name)).toEqual([
      "a.bn",
      "b.bn",
      "c.bn",
    ]);
    expect(adapted.source.graph.nodes.filter(({ op }) => op === "affine")).toHaveLength(2);
    const [before, after] = [await evaluateAsIs(study, null), await evaluateAsIs(adapted, null)];
    const scale = Math.max(...before.logits.flat().map(Math.abs));
    const worst = Math.max(...before.logits.flatMap((row, i) => row.map((value, j) => Math.abs(value - after.logits[i]![j]!))));
    expect(worst / scale).toBeLessThan(1e-4);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test.each(["edmips", "fracbits", "autoqnn"])(
    "is searched from its weights with %s, which are reported first",
    async (method) => {
      const events: RunEvent[] = [];
      const network = await folded();
      const study = await adaptStudy(openStudy({ ...config, method, weightRate: 0.03 }, corners(), network));
      const { info, failure } = await openBackend("wasm", { wasmPaths: null, threads: 1 });
      const control = createControl(DEFAULT_KNOBS);
      await runStudy(study, { backend: info, backendFailure: failure, control, emit: (event) => events.push(event) });
      disposeStudy(study);
      const [first, ...others] = eventsOf(events, "result").map(({ result }) => result);
      expect(first).toMatchObject({ label: "As imported", kind: "float", epochs: 0 });
      expect(others.at(-1)!.accuracy).toBeGreaterThan(0.5);
      const [derived] = eventsOf(events, "derived");
      expect(derived!.policy.model).toMatchObject({
        name: "net",
        source: "ONNX, opset 13, from tests",
        sha256: network.info.sha256,
      });
      expect(derived!.policy.layers.filter(({ searched }) => searched).map(({ name }) => name)).toEqual(["b", "c"]);
    },
  );

  test("of other classes than the data's gets a new last layer", async () => {
    const data = corners();
    const wider = { ...data, info: { ...data.info, classes: [..."abcdefg"] } };
    const study = openStudy(config, wider, await folded());
    expect(study.source.renewed).toBe("fc");
    expect(study.source.graph.shapes.get("fc")).toEqual([7]);
    expect([...study.source.values.keys()].filter((name) => name.startsWith("fc."))).toEqual([]);
  });

  test("is resized, coloured and normalised to what it was made for", async () => {
    const network = await folded();
    const { info, ...data } = corners();
    const larger = { ...data, info: { ...info, height: 16, width: 16, channels: 3 } };
    const { nodes, shapes } = openStudy({ ...config, normalise: "0.5/0.25" }, larger, network).source.graph;
    expect(nodes.slice(0, 4).map(({ name }) => name)).toEqual([
      "pixels",
      "pixels.resized",
      "pixels.channels",
      "pixels.normalised",
    ]);
    expect(nodes[3]).toMatchObject({ op: "affine", scale: [4], shift: [-2] });
    expect(shapes.get("a")).toEqual([8, 8, 6]);
    // A dense layer behind a flattened map fits one size alone.
    expect(() => openStudy({ ...config, resolution: 12 }, corners(), network)).toThrow(/weight is for 24 inputs and it gets 54/);
  });
});
