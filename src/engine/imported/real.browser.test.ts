/** Real networks on WebGPU: what they answered in PyTorch. */
import { commands } from "vitest/browser";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test, vi } from "vitest";
import { createRandom } from "../../core/random";
import { readNetwork } from "../../formats/models";
import { namedBytes, readDataset, type NamedBytes } from "../../formats/read";
import { openBackend } from "../backend";
import { FLOAT, forward } from "../forward";
import { createNetwork, disposeNetwork } from "../network";

vi.setConfig({ testTimeout: 120_000 });

const bytesOf = async (path: string) =>
  Uint8Array.from(atob(await commands.readFile(`../shared/${path}`, "base64")), (c) => c.charCodeAt(0));
const fileAt = async (path: string): Promise<NamedBytes> =>
  namedBytes(new Blob([await bytesOf(path)]), path.slice(path.lastIndexOf("/") + 1));

const isThere = await commands.readFile("../shared/README.md").then(
  () => true,
  () => false,
);
if (!isThere) console.warn("Skipped: there is no ../shared, so no real network was imported on WebGPU.");

beforeAll(async () => {
  await openBackend("webgpu", { wasmPaths: null, threads: 1 });
});

const DATA: Record<string, string[]> = {
  mnist10k: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"].map(
    (n) => `data/mnist10k/${n}.gz`,
  ),
  "cifar10-subset": ["data/cifar10-subset/cifar-10-binary-subset.tar.gz"],
};

test.runIf(isThere).each(["mnist-lenet", "mnist-resnet8", "cifar-mobilenetv2"])(
  "%s answers on WebGPU as it did in PyTorch",
  async (name) => {
    const expected = JSON.parse(await commands.readFile(`../shared/models/${name}.json`)) as {
      dataset: string;
      firstTestLogits: number[][];
    };
    const { build, values } = await readNetwork([await fileAt(`models/${name}.onnx`)]);
    const { info, test: images } = await readDataset(await Promise.all(DATA[expected.dataset]!.map(fileAt)));
    if (info.kind !== "images" || !("images" in images)) throw new RangeError("Images only.");
    const shape = [info.height, info.width, info.channels];
    const size = shape.reduce((a, b) => a * b);
    const graph = build(shape);
    const network = createNetwork(graph, createRandom(1), values);
    const x = tf.tensor(
      Float32Array.from(images.images.subarray(0, 8 * size), (v) => v / 255),
      [8, ...shape],
    );
    const y = tf.tidy(() => forward(network, x, FLOAT, { training: false }).logits);
    const logits = (await y.array()) as number[][];
    const worst = Math.max(...logits.flatMap((row, i) => row.map((v, j) => Math.abs(v - expected.firstTestLogits[i]![j]!))));
    expect(worst).toBeLessThan(1e-3);
    tf.dispose([x, y]);
    disposeNetwork(network);
  },
);

interface Outputs {
  readonly firstTestOutputs: readonly number[];
}

test.runIf(isThere).each(["layers-sequential", "layers-functional"])("%s answers on WebGPU as it did", async (name) => {
  const parts = ["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"];
  const { build, values } = await readNetwork(await Promise.all(parts.map((part) => fileAt(`models/${name}/${part}`))));
  const { firstTestOutputs } = JSON.parse(await commands.readFile(`../shared/models/${name}/expected.json`)) as Outputs;
  const { test: images } = await readDataset(await Promise.all(DATA["mnist10k"]!.map(fileAt)));
  if (!("images" in images)) throw new RangeError("Images only.");
  const graph = build([28, 28, 1]);
  const network = createNetwork(graph, createRandom(1), values);
  const x = tf.tensor(
    Float32Array.from(images.images.subarray(0, 8 * 784), (v) => v / 255),
    [8, 28, 28, 1],
  );
  const y = tf.tidy(() => {
    const { logits } = forward(network, x, FLOAT, { training: false });
    // The loss takes logits; the file's outputs are what the softmax makes of them.
    return graph.nodes.at(-1)?.op === "softmax" ? tf.softmax(logits) : logits;
  });
  const outputs = await y.data();
  const worst = Math.max(...firstTestOutputs.map((value, i) => Math.abs(value - outputs[i]!)));
  expect(worst).toBeLessThan(1e-4);
  tf.dispose([x, y]);
  disposeNetwork(network);
});
