/** LayersModels that are written here, as TensorFlow.js and the reader here read them. */
import * as tf from "@tensorflow/tfjs-core";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
import { unzipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { createGraph, endShapes, NO_PADDING, ownParameterShapes, padded, type Graph, type GraphNode } from "../../core/graph";
import { buildModel } from "../../core/models";
import { createRandom } from "../../core/random";
import { layersModel } from "../../formats/models/layers-model";
import { MODEL_LIMITS } from "../../formats/models/reader";
import { writeLayersModel } from "../../formats/write/keras/archive";
import { modelFile } from "../../formats/models/testing";
import { openBackend } from "../backend";
import { farthest, outputsOf, runImported, softmaxRows } from "./testing";

beforeAll(() => openBackend("cpu", { wasmPaths: null, threads: 1 }));

const IMAGES = { kind: "images" as const, id: "t", name: "T", classes: ["a", "b", "c"], height: 12, width: 12, channels: 3 };
const COUNTS = { trainCount: 1, testCount: 1, classCounts: { train: [1], test: [1] }, resizing: null };

/** One of each operation that can be written, on images of 9 x 8 x 3. */
function everything(): Graph {
  const node = (name: string, operation: object, ...inputs: readonly string[]): GraphNode =>
    ({ name, inputs, ...operation }) as unknown as GraphNode;
  const conv = (filters: number, more: object = {}): object => ({
    ...{ op: "conv", filters, kernel: [3, 3], stride: [1, 1], padding: padded(1), dilation: [1, 1], groups: 1, bias: true },
    ...more,
  });
  return createGraph("everything", [
    node("pixels", { op: "input", shape: [9, 8, 3] }),
    node("normalised", { op: "affine", scale: [2, 3, 4], shift: [-0.5] }, "pixels"),
    node("conv 1", conv(6), "normalised"),
    node("bn", { op: "batchNorm", epsilon: 1e-3, momentum: 0.1 }, "conv 1"),
    node("relu6", { op: "relu6" }, "bn"),
    node("grouped", conv(4, { groups: 2, stride: [2, 2], bias: false }), "relu6"),
    node("leaky", { op: "leakyRelu", slope: 0.1 }, "grouped"),
    node("depthwise", conv(8, { groups: 4, padding: { top: 0, right: 1, bottom: 1, left: 0 } }), "leaky"),
    node("swish", { op: "swish" }, "depthwise"),
    node("shared", conv(8, { dilation: [2, 2], padding: padded(2) }), "swish"),
    node("hard", { op: "hardSigmoid", slope: 1 / 6, offset: 0.5, gated: true }, "shared"),
    node("again", { ...conv(8, { dilation: [2, 2], padding: padded(2) }), weightOf: "shared" }, "hard"),
    node("bn2", { op: "batchNorm", epsilon: 1e-3, momentum: 0.1 }, "again"),
    node("elu", { op: "elu" }, "bn2"),
    node("bn3", { op: "batchNorm", epsilon: 1e-3, momentum: 0.1, weightOf: "bn2" }, "elu"),
    node("clip", { op: "clip", min: -0.5, max: 0.75 }, "bn3"),
    node("add", { op: "add" }, "clip", "shared", "elu"),
    node("mean", { op: "averagePool", kernel: [3, 3], stride: [1, 1], padding: padded(1) }, "add"),
    node("counted", { op: "averagePool", kernel: [2, 2], stride: [1, 1], padding: padded(1), counted: padded(1) }, "mean"),
    node("relu", { op: "relu" }, "counted"),
    node("max", { op: "maxPool", kernel: [3, 3], stride: [2, 2], padding: padded(1) }, "relu"),
    node("pooled", { op: "globalAveragePool" }, "max"),
    node("gate", { op: "reshape", shape: [1, 1, 8] }, "pooled"),
    node("squeezed", { op: "sigmoid" }, "gate"),
    node("product", { op: "multiply" }, "max", "squeezed"),
    node("grey", { op: "channels", channels: 1 }, "product"),
    node("three", { op: "channels", channels: 3 }, "grey"),
    node("joined", { op: "concat" }, "product", "three"),
    node("turned", { op: "transpose", order: [1, 0, 2] }, "joined"),
    node("padded", { op: "pad", padding: { ...NO_PADDING, left: 2 }, value: 0 }, "turned"),
    node("flat", { op: "flatten" }, "padded"),
    node("dropout", { op: "dropout", rate: 0.5 }, "flat"),
    node("fc", { op: "dense", units: 6, bias: true }, "dropout"),
    node("tanh", { op: "tanh" }, "fc"),
    node("out", { op: "dense", units: 4, bias: false }, "tanh"),
    node("probabilities", { op: "softmax" }, "out"),
  ]);
}

/** Values for all variables, running statistics included. */
function randomValues(graph: Graph): Map<string, Float32Array> {
  const random = createRandom("values");
  const values = new Map<string, Float32Array>();
  const fill = (name: string, length: number, value: () => number): void =>
    void values.set(name, Float32Array.from({ length }, value));
  for (const node of graph.nodes) {
    for (const [parameter, shape] of Object.entries(ownParameterShapes(graph, node))) {
      const size = shape.reduce((product, n) => product * n, 1);
      const fan = Math.sqrt(size / (shape.at(-1) ?? 1));
      fill(`${node.name}.${parameter}`, size, () => random.normal() / Math.max(1, fan) + (node.op === "batchNorm" ? 0.5 : 0));
    }
    if (node.op !== "batchNorm") continue;
    const channels = graph.shapes.get(node.name)!.at(-1)!;
    fill(`${node.name}.mean`, channels, () => random.normal() / 4);
    fill(`${node.name}.variance`, channels, () => 0.5 + random.uniform());
  }
  return values;
}

const GRAPHS: readonly (readonly [string, () => Graph])[] = [
  ["resnet8", () => buildModel("resnet8", 4, { ...IMAGES, ...COUNTS })],
  ["mobilenetv2-small", () => buildModel("mobilenetv2-small", 4, { ...IMAGES, ...COUNTS })],
  ["everything", everything],
  [
    "an LSTM",
    () =>
      createGraph("lm", [
        { name: "symbols", inputs: [], op: "input", shape: [5] },
        { name: "embedding", inputs: ["symbols"], op: "embedding", vocabulary: 7, size: 4 },
        { name: "lstm1", inputs: ["embedding"], op: "lstm", units: 6, returns: "sequence" },
        { name: "lstm2", inputs: ["lstm1"], op: "lstm", units: 3, returns: "last" },
        { name: "fc", inputs: ["lstm2"], op: "dense", units: 7, bias: true },
      ]),
  ],
];

/** Two examples. */
function examples(graph: Graph): Float32Array {
  const random = createRandom("examples");
  const { input } = endShapes(graph);
  const symbols = input.length === 1;
  return Float32Array.from({ length: 2 * input.reduce((a, b) => a * b, 1) }, () =>
    symbols ? random.integer(7) : random.uniform(),
  );
}

describe.each(GRAPHS)("%s", (_name, make) => {
  const graph = make();
  const values = randomValues(graph);
  const { input, output } = endShapes(graph);
  const x = examples(graph);
  const written = writeLayersModel(graph, values, { weights: "float" });

  test("is read here as the same network", async () => {
    const network = await layersModel.read([modelFile("written.zip", written.bytes)], MODEL_LIMITS);
    const expected = outputsOf(graph, values, x, input);
    expect(Math.max(...expected.map(Math.abs)), "outputs that say something").toBeGreaterThan(0.01);
    expect(farthest(runImported(network, x, input), expected)).toBeLessThan(1e-6 * Math.max(1, ...expected.map(Math.abs)));
    expect(network.info).toMatchObject({ name: "written", classes: output.at(-1), input });
  });

  test("is read by TensorFlow.js as the same network", async () => {
    const files = unzipSync(written.bytes);
    const json = JSON.parse(new TextDecoder().decode(files["model.json"])) as tf.io.ModelJSON;
    const [group] = json.weightsManifest as [tf.io.WeightsManifestConfig[number]];
    const model = await loadLayersModel({
      load: async () => ({
        modelTopology: json.modelTopology,
        weightSpecs: group.weights,
        weightData: files[group.paths[0]!]!.slice().buffer,
      }),
    });
    const answer = model.predict(tf.tensor(x, [2, ...input])) as tf.Tensor;
    const own = outputsOf(graph, values, x, input);
    const expected = graph.nodes.at(-1)?.op === "softmax" ? softmaxRows(own, output.at(-1)!) : own;
    expect(farthest(answer.dataSync(), expected)).toBeLessThan(1e-5 * Math.max(1, ...expected.map(Math.abs)));
  });
});
