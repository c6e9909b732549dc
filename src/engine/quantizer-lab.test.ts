import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { valuesOf } from "../core/distributions";
import { openBackend } from "./backend";
import { LAB_VALUES, spread, viewQuantizers } from "./quantizer-lab";

beforeAll(async () => {
  await openBackend("wasm", { wasmPaths: null, threads: 1 });
});

describe.each(["weight", "activation"] as const)("quantizers for a %s", (role) => {
  test.each(["normal", "exponential", "uniform"])(
    "on the %s distribution have fitting stairs, and leave nothing behind",
    async (id) => {
      const before = tf.memory().numTensors;
      const { min, max, counts, quantizers } = await viewQuantizers(valuesOf(id, LAB_VALUES), role, 3);
      expect(tf.memory().numTensors).toBe(before);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(LAB_VALUES);
      expect(quantizers.length).toBeGreaterThan(1);
      for (const { quality, stairs } of quantizers) {
        expect(quality).toHaveLength(8);
        expect(quality.every((value) => value === null || (value >= -1e-6 && value <= 144))).toBe(true);
        if (quality[2] === null) {
          expect(stairs).toEqual([]);
          continue;
        }
        expect(stairs.length).toBeGreaterThan(1);
        expect(new Set(stairs.map(({ value }) => value)).size).toBeLessThanOrEqual(9);
        expect(stairs[0]!.from).toBe(min);
        stairs.forEach(({ from, value }, i) => {
          if (i === 0) return;
          expect(from).toBeGreaterThan(stairs[i - 1]!.from);
          expect(value).toBeGreaterThan(stairs[i - 1]!.value);
          expect(from).toBeLessThan(max);
        });
      }
    },
  );
});

test("the Gaussian quantizer's noise on a normal distribution is that of the optimal uniform quantizer", async () => {
  const { quantizers } = await viewQuantizers(valuesOf("normal", LAB_VALUES), "weight", 2);
  const { quality } = quantizers.find(({ id }) => id === "gaussian")!;
  // Max 1960, table II: distortions 0.3634, 0.1188, 0.03744, 0.01154 with 2, 4, 8, 16 levels.
  [0.3634, 0.1188, 0.03744, 0.01154].forEach((distortion, i) => expect(quality[i]).toBeCloseTo(-10 * Math.log10(distortion), 1));
});

test("quantizers that differ by a factor stand once", async () => {
  const { quantizers } = await viewQuantizers(valuesOf("normal", LAB_VALUES), "weight", 2);
  expect(quantizers.map(({ id }) => id)).toContain("dorefa");
  expect(quantizers.map(({ id }) => id)).not.toContain("dorefa-sat");
});

test("a tensor is represented by its ends and its ranks", () => {
  const values = Float32Array.from({ length: 10000 }, (_, i) => ((i * 7919) % 10000) / 10);
  const some = spread(values);
  expect(some).toHaveLength(LAB_VALUES);
  expect([some[0], some.at(-1)]).toEqual([0, Math.fround(999.9)]);
  expect(some[LAB_VALUES >> 1]).toBeCloseTo(500, -1);
  expect([...spread(Float32Array.of(3, 1, 2))]).toEqual([1, 2, 3]);
});

test("values without a range are refused", async () => {
  await expect(viewQuantizers(new Float32Array(0), "weight", 3)).rejects.toThrow(/no finite values/);
  const flat = await viewQuantizers(Float32Array.of(0, 0), "weight", 3);
  expect(flat.counts[0]).toBe(2);
});
