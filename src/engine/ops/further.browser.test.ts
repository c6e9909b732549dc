import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test, vi } from "vitest";
import { openBackend } from "../backend";
import { FURTHER_OPERATIONS, gradientError } from "./testing";

// Each operation compiles its shaders, in software.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  await openBackend("webgpu", { wasmPaths: null, threads: 1 });
});

test.each(FURTHER_OPERATIONS)("the gradient of %s agrees with finite differences on WebGPU", async (_, operation) => {
  const before = tf.memory().numTensors;
  expect(await gradientError(operation)).toBeLessThan(5e-3);
  expect(tf.memory().numTensors).toBe(before);
});
