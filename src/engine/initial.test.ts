import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { initial as published } from "../../golden/edmips/trajectory_shared.json";
import { findModel } from "../core/models";
import { createRandom } from "../core/random";
import { anotherWeight, createNetwork, disposeNetwork, type Network } from "./network";

beforeAll(() => tf.setBackend("cpu"));

const rms = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values)) / Math.sqrt(values.length);
const valuesOf = (network: Network, name: string): ArrayLike<number> => network.trainable.get(name)!.dataSync();

/** How far the spread of published tensors may lie from its law: they have few values. */
const NEARLY = 0.15;

describe("a residual network starts as the published code starts its own", () => {
  const network = createNetwork(findModel("resnet8").build({ width: 16, input: [8, 8, 3], classes: 10 }), createRandom(1));

  test("convolutions normal, with the variance 2 / fan-out", () => {
    const { data } = published["block2.conv2.mix_weight.conv.weight"].hwio;
    expect(Math.abs(rms(data) * Math.sqrt(9 * 6) - Math.SQRT2)).toBeLessThan(NEARLY);
    expect(rms(valuesOf(network, "layer2.0.conv2.weight")) * Math.sqrt(9 * 32)).toBeCloseTo(Math.SQRT2, 1);
  });

  test("the classifier uniform up to 1 / sqrt(fan-in), bias included", () => {
    const [weight, bias] = [valuesOf(network, "fc.weight"), valuesOf(network, "fc.bias")];
    const largest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));
    expect(largest(published["fc.weight"].io.data) * Math.sqrt(6)).toBeLessThanOrEqual(1);
    expect(largest(published["fc.bias"].data) * Math.sqrt(6)).toBeLessThanOrEqual(1);
    expect(largest(weight) * Math.sqrt(64)).toBeLessThanOrEqual(1);
    expect(largest(bias) * Math.sqrt(64)).toBeLessThanOrEqual(1);
    expect(Math.abs(rms(published["fc.weight"].io.data) * Math.sqrt(6) - Math.sqrt(1 / 3))).toBeLessThan(NEARLY);
    expect(rms(weight) * Math.sqrt(64)).toBeCloseTo(Math.sqrt(1 / 3), 1);
    expect(rms(bias) * Math.sqrt(64)).toBeGreaterThan(0.3);
  });
});

test("a further weight of a layer starts like its own, with other values", () => {
  const random = createRandom(3);
  const network = createNetwork(findModel("lstm-lm").build({ width: 32, input: [6], classes: 40, vocabulary: 40 }), random);
  for (const layer of ["lstm1.input", "fc"]) {
    const weight = anotherWeight(network, layer, random.fork(layer));
    const own = valuesOf(network, `${layer}.weight`);
    expect(weight.shape).toEqual(network.trainable.get(`${layer}.weight`)!.shape);
    expect(rms(weight.dataSync()) / rms(own)).toBeCloseTo(1, 1);
    expect(weight.dataSync()[0]).not.toBe(own[0]);
    weight.dispose();
  }
  expect(() => anotherWeight(network, "nowhere", random)).toThrow("no layer");
  disposeNetwork(network);
});
