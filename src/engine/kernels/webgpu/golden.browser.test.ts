import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import golden from "../../../../golden/edmips/quantizers.json";
import { mixActivation, mixWeight, weightScale } from "../ops";
import { expectClose, failures, openBackends, runOn } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

const { tolerance } = golden;
const EXACTLY = { abs: 0, rel: 0 };
const ONE = () => tf.tensor1d([1]);
const EVERYWHERE = [-3e38, 3e38];

const weightGrid = (step: number, bits: number) =>
  tf.tensor2d([[step, 0.5, 1 - 2 ** (bits - 1), 2 ** (bits - 1), ...EVERYWHERE]]);
const activationGrid = (step: number, bits: number, clip: number) => tf.tensor2d([[step, 0, 0, 2 ** bits - 1, 0, clip]]);

/** Expects equal values, or at the `loose` places the neighbouring level. */
function expectLevels(actual: Float32Array, expected: readonly number[], step: number, loose: readonly number[] = []): void {
  const free = new Set(loose);
  const kept = expected.map((_, i) => i).filter((i) => !free.has(i));
  expectClose(
    kept.map((i) => actual[i]!),
    kept.map((i) => expected[i]!),
    tolerance,
  );
  for (const i of loose) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(step * 1.001);
}

interface Fragile {
  readonly zero_indices?: readonly number[];
  readonly near_tie_indices?: readonly number[];
  readonly fragile_indices?: readonly number[];
}

/** Near ties and fragile elements may take the neighbouring level; exact zeros may not. */
function looseOf(given: Fragile): number[] {
  const zeros = new Set(given.zero_indices);
  return [...(given.near_tie_indices ?? []), ...(given.fragile_indices ?? [])].filter((i) => !zeros.has(i));
}

describe("published weight quantizer", () => {
  test.each(golden.weight)("$vector at $bits bits: scale, levels and gradient", async (given) => {
    const [y, scale, grad] = await runOn("webgpu", () => {
      const grid = weightGrid(given.unit_step, given.bits);
      const x = tf.tensor1d(given.x.data);
      const gradient = tf.grad((w) => mixWeight(w, grid, ONE()));
      return [mixWeight(x, grid, ONE()), weightScale(x, grid, ONE()), gradient(x, tf.tensor1d(given.upstream.data))];
    });
    expectClose(scale!, [given.std], tolerance);
    expectLevels(y!, given.y.data, given.step, looseOf(given));
    expectClose(grad!, given.grad_x.data.map(Math.fround), EXACTLY);
  });

  test.each(golden.weight_given_step)("exact ties at $bits bits go to the even level", async (given) => {
    const [y] = await runOn("webgpu", () =>
      mixActivation(tf.tensor1d(given.x.data), weightGrid(given.step, given.bits), ONE(), false),
    );
    expectClose(y!, given.y.data, EXACTLY);
  });
});

describe("published activation quantizer", () => {
  test.each(golden.activation)("$bits bits: levels and gradient", async (given) => {
    const [y, grad] = await runOn("webgpu", () => {
      const grid = activationGrid(given.step, given.bits, given.clip);
      const x = tf.tensor1d(given.x.data);
      const gradient = tf.grad((v) => mixActivation(v, grid, ONE(), false));
      return [mixActivation(x, grid, ONE(), false), gradient(x, tf.tensor1d(given.upstream.data))];
    });
    expectLevels(y!, given.y.data, given.step, looseOf(given));
    const boundary = new Set(given.clip_boundary_indices);
    const inside = given.x.data.map((_, i) => i).filter((i) => !boundary.has(i));
    expectClose(
      inside.map((i) => grad![i]!),
      inside.map((i) => Math.fround(given.grad_x.data[i]!)),
      EXACTLY,
    );
  });

  test("rounding alone: exact ties go to the even level", async () => {
    const { x, y: expected, step } = golden.activation_round_only;
    const [y] = await runOn("webgpu", () =>
      mixActivation(tf.tensor1d(x.data), tf.tensor2d([[step, 0, 0, 255, ...EVERYWHERE]]), ONE(), false),
    );
    expectClose(y!, expected.data, EXACTLY);
  });
});

test("levels next to ties are those of IEEE division, which the CPU has", async () => {
  // Multiples of half a step, and their float32 neighbours: a reciprocal or an inexact quotient gets some of them wrong.
  const steps = [0.799, 0.538, 0.3217, 0.185, 0.1041, 0.0569, 0.0308, 1 / 3, 0.7];
  for (const step of steps) {
    const compute = () => {
      const s = Math.fround(step);
      const halves = Float32Array.from({ length: 2 * 255 + 1 }, (_, i) => (i / 2) * s);
      const words = new Int32Array(halves.buffer);
      const near = [-2, -1, 0, 1, 2].map((ulps) =>
        tf.tensor1d(new Float32Array(words.map((word) => Math.max(0, word + ulps)).buffer)),
      );
      return mixActivation(tf.concat(near), tf.tensor2d([[step, 0, 0, 255, ...EVERYWHERE]]), ONE(), false);
    };
    const [actual] = await runOn("webgpu", compute);
    const [expected] = await runOn("cpu", compute);
    expectClose(actual!, expected!, EXACTLY);
  }
});
