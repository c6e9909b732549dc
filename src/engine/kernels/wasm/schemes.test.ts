import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { averageStatistics, findScheme, rowsOf, rowsTensor, statisticsFor } from "../../quantizers/schemes";
import { registerCpuKernels } from "../cpu";
import { schemeMix, schemeStatistics } from "../ops";
import { distance, normal, onBoth } from "./testing";

beforeAll(registerCpuKernels);

/** One element, less than a vector, tails of one to three floats, several blocks, several chunks. */
const SIZES = [1, 3, 4, 5, 31, 1027, 16385, 40002];

/** All schemes at their least and most bits. */
const CANDIDATES = ["binary", "ternary", "quaternary", "fixed", "resq", "zoomq", "clipq", "potq"].flatMap((scheme) => {
  const { minBits, maxBits } = findScheme(scheme);
  return minBits === maxBits ? [{ scheme, bits: minBits }] : [minBits, maxBits].map((bits) => ({ scheme, bits }));
});

const tensor = (size: number, seed: number, deviation = 1): tf.Tensor1D =>
  tf.tensor1d(normal(size, seed).map((v) => deviation * v + 0.1));

test.each(SIZES)("statistics of %i elements are the reference's", async (size) => {
  for (const attrs of [
    { residuals: 8, ternary: true, zero: -1 },
    { residuals: 3, ternary: true, zero: 0 },
    { residuals: 1, ternary: false, zero: -1 },
  ]) {
    const { wasm, cpu, leaked } = await onBoth(() => [
      schemeStatistics(tensor(size, 3), attrs),
      averageStatistics(schemeStatistics(tf.relu(tensor(size, 4)), attrs), schemeStatistics(tensor(size, 4), attrs)),
    ]);
    expect(leaked).toBe(0);
    wasm.forEach((values, i) => expect(distance(values, cpu[i]!)).toBeLessThan(2e-7));
  }
});

describe.each(SIZES)("%i elements", (size) => {
  test.each(CANDIDATES)("$scheme at $bits bits has the reference's levels and gradients", async ({ scheme, bits }) => {
    const { wasm, cpu, leaked } = await onBoth(() => {
      const rows = rowsOf([{ scheme, bits }]);
      const x = tensor(size, 5);
      // One for both: a unit in the last place of a step can move an element by a level.
      const statistics = tf.tensor1d(statisticsOf(size));
      const quantize = (v: tf.Tensor, p: tf.Tensor): tf.Tensor =>
        schemeMix(v, rowsTensor(rows), statistics, p as tf.Tensor1D, { learned: true });
      return [quantize(x, tf.ones([1])), ...tf.grads(quantize)([x, tf.ones([1])], tensor(size, 6))];
    });
    expect(leaked).toBe(0);
    expect([...wasm[0]!]).toEqual([...cpu[0]!]);
    expect([...wasm[1]!]).toEqual([...cpu[1]!]);
    expect(Math.abs(wasm[2]![0]! - cpu[2]![0]!)).toBeLessThan(3e-6 * size ** 0.5 + 3e-6 * Math.abs(cpu[2]![0]!));
  });

  test("a mixture of all its kinds, and its gradients", async () => {
    const rows = rowsOf(CANDIDATES.filter(({ bits }) => bits < 4));
    const shares = rows.map((_, k) => (k + 1) / 36);
    for (const how of [{ learned: true }, { learned: false }, { learned: true, errors: true }]) {
      const { wasm, cpu, leaked } = await onBoth(() => {
        const statistics = tf.tensor1d(statisticsOf(size));
        const mixture = (v: tf.Tensor, p: tf.Tensor): tf.Tensor =>
          schemeMix(v, rowsTensor(rows), statistics, p as tf.Tensor1D, how);
        const inputs = [tensor(size, 7), tf.tensor1d(shares)];
        const [dx, dp] = tf.grads(mixture)(inputs, tensor(size, 8));
        return [mixture(inputs[0]!, inputs[1]!), dx!, ...(how.learned ? [dp!] : [])];
      });
      expect(leaked).toBe(0);
      wasm.forEach((values, i) => expect(distance(values, cpu[i]!)).toBeLessThan(2e-6));
    }
  });
});

test("zeros of either sign, a NaN and one value alone do as in the reference", async () => {
  for (const values of [[0, -0, NaN, 1, -2], [0, 0, 0], [0.4], Array<number>(9).fill(-0.3)]) {
    for (const candidate of CANDIDATES) {
      const { wasm, cpu } = await onBoth(() => {
        const rows = rowsOf([candidate]);
        const known = values.filter((value) => !Number.isNaN(value));
        const statistics = schemeStatistics(tf.tensor1d(known), statisticsFor(rows));
        return [schemeMix(tf.tensor1d(values), rowsTensor(rows), statistics, tf.ones([1]), { learned: false })];
      });
      expect([...wasm[0]!].map((v) => v + 0)).toEqual([...cpu[0]!].map((v) => v + 0));
    }
  }
});

/** Of that many standard normal numbers around 0.1, by hand: no backend's. */
function statisticsOf(size: number): number[] {
  return [0.8, 0.5, 0.3, 0.2, 0.1, 0.06, 0.03, 0.02, 1 + 1 / size, -3.1, 6.7, 3.6, 1.3];
}
