import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createGraph, type Operation } from "../../core/graph";
import { createRandom } from "../../core/random";
import { openBackend } from "../backend";
import { FLOAT, forward } from "../forward";
import { createNetwork } from "../network";
import { relu, relu6 } from "./relu";
import { FURTHER_OPERATIONS, gradientError } from "./testing";

const CONV = { op: "conv", filters: 4, kernel: [3, 3], stride: [1, 1], dilation: [1, 1], groups: 1, bias: true } as const;
const NONE = { top: 0, right: 0, bottom: 0, left: 0 };
const UNEVEN = { top: 0, right: 2, bottom: 1, left: 1 };

describe.each(["wasm", "cpu"] as const)("gradients on %s agree with finite differences", (backend) => {
  beforeAll(async () => {
    await openBackend(backend, { wasmPaths: null, threads: 1 });
  });

  test.each<[string, Operation]>([
    ["a convolution", { ...CONV, padding: NONE }],
    ["a strided one with uneven padding", { ...CONV, stride: [2, 2], padding: UNEVEN }],
    ["a dilated one", { ...CONV, dilation: [2, 2], padding: UNEVEN }],
    ["a dilated depthwise one", { ...CONV, dilation: [2, 1], groups: 4, filters: 8, padding: UNEVEN }],
    ["a depthwise one", { ...CONV, groups: 4, padding: UNEVEN }],
    ["a grouped one", { ...CONV, groups: 2, filters: 6, padding: UNEVEN }],
    [
      "average pooling with uneven padding",
      { op: "averagePool", kernel: [3, 2], stride: [2, 1], padding: { top: 1, right: 1, bottom: 1, left: 0 } },
    ],
    ["average pooling", { op: "averagePool", kernel: [2, 2], stride: [2, 2], padding: NONE }],
    [
      "max pooling with uneven padding",
      { op: "maxPool", kernel: [3, 2], stride: [2, 1], padding: { top: 1, right: 1, bottom: 1, left: 0 } },
    ],
    ["global pooling", { op: "globalAveragePool" }],
    ["a ReLU", { op: "relu" }],
    ["a ReLU6", { op: "relu6" }],
    ...FURTHER_OPERATIONS,
  ])("%s", async (_, operation) => {
    const before = tf.memory().numTensors;
    expect(await gradientError(operation)).toBeLessThan(5e-3);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a ReLU6 passes its gradient strictly between 0 and 6", () => {
    const values = [-1, 0, 1e-30, 3, 5.999999, 6, 7];
    tf.tidy(() => {
      expect([...relu6(tf.tensor1d(values)).dataSync()]).toEqual([0, 0, Math.fround(1e-30), 3, Math.fround(5.999999), 6, 6]);
      expect([
        ...tf
          .grad((x) => relu6(x))(tf.tensor1d(values), tf.fill([7], 2))
          .dataSync(),
      ]).toEqual([0, 0, 2, 2, 2, 0, 0]);
    });
  });

  test("a ReLU passes its gradient above 0, however far", () => {
    const values = [-3e38, -1, 0, 1e-30, 3, 3e38];
    const gradient = tf.tidy(() => [
      ...tf
        .grad((x) => relu(x))(tf.tensor1d(values), tf.fill([6], 2))
        .dataSync(),
    ]);
    expect(gradient).toEqual([0, 0, 0, 2, 2, 2]);
  });

  test("average pooling does not count padded pixels", () => {
    const node = {
      name: "p",
      inputs: ["i"],
      op: "averagePool",
      kernel: [3, 3],
      stride: [1, 1],
      padding: { top: 1, right: 1, bottom: 1, left: 1 },
    } as const;
    const graph = createGraph("pool", [{ name: "i", inputs: [], op: "input", shape: [3, 3, 1] }, node]);
    tf.tidy(() => {
      const { logits } = forward(createNetwork(graph, createRandom(1)), tf.ones([1, 3, 3, 1]), FLOAT, { training: false });
      for (const value of logits.dataSync()) expect(value).toBeCloseTo(1, 6);
    });
  });
});
