import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import { beforeAll, expect, test, vi } from "vitest";
import activationQuantizers from "../../../golden/autoqnn/activation_quantizers.json";
import backwardTypes from "../../../golden/autoqnn/backward_types.json";
import quantizedConv from "../../../golden/autoqnn/conv.json";
import schemeMixture from "../../../golden/autoqnn/scheme_mixture.json";
import weightQuantizers from "../../../golden/autoqnn/weight_quantizers.json";
import mixConv from "../../../golden/edmips/mix_conv.json";
import mixLinear from "../../../golden/edmips/mix_linear.json";
import quantizers from "../../../golden/edmips/quantizers.json";
import quantLayers from "../../../golden/edmips/quant_layers.json";
import separate from "../../../golden/edmips/trajectory_separate.json";
import shared from "../../../golden/edmips/trajectory_shared.json";
import fracConv from "../../../golden/fracbits/conv.json";
import fracGumbel from "../../../golden/fracbits/gumbel.json";
import fracLinear from "../../../golden/fracbits/linear.json";
import fracResource from "../../../golden/fracbits/resource.json";
import fracTrajectory from "../../../golden/fracbits/trajectory_bitops.json";
import fracKernelwise from "../../../golden/fracbits/trajectory_kernelwise_size.json";
import fracUnit from "../../../golden/fracbits/unit_quantizer.json";
import onnxOperators from "../../../golden/onnx/operators.json";
import { openBackend } from "../backend";
import { checkGolden } from ".";

// A file of many layers compiles as many shaders; in software and beside other work that takes more than half a minute.
vi.setConfig({ testTimeout: 120_000 });

const FILES = {
  ...{ quantizers, mixConv, mixLinear, quantLayers, shared, separate },
  ...{ fracUnit, fracConv, fracLinear, fracResource, fracGumbel, fracTrajectory, fracKernelwise },
  ...{ weightQuantizers, activationQuantizers, backwardTypes, quantizedConv, schemeMixture },
  onnxOperators,
};

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
