import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { beforeAll, expect, test } from "vitest";
import mixConv from "../../../golden/edmips/mix_conv.json";
import mixLinear from "../../../golden/edmips/mix_linear.json";
import quantizers from "../../../golden/edmips/quantizers.json";
import quantLayers from "../../../golden/edmips/quant_layers.json";
import separate from "../../../golden/edmips/trajectory_separate.json";
import shared from "../../../golden/edmips/trajectory_shared.json";
import { openBackend } from "../backend";
import { checkGolden } from ".";

const FILES = { quantizers, mixConv, mixLinear, quantLayers, shared, separate };

/** The command line checks CPU and WASM; a GPU is here only. */
beforeAll(async () => {
  await openBackend("webgpu", { wasmPaths: null, threads: 1 });
});

test.each(Object.entries(FILES))("%s agrees with the published numbers on WebGPU", async (_, json) => {
  const before = tf.memory().numTensors;
  const results = await checkGolden(json, { exact: false });
  expect(results?.length).toBeGreaterThan(0);
  expect(results?.filter((result) => !result.pass)).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
});
