import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { averageStatistics, findScheme, rowsOf, rowsTensor, statisticsFor } from "../../quantizers/schemes";
import { schemeMix, schemeStatistics } from "../ops";
import { countDispatches } from "./count-dispatches";
import { expectSameAsCpu, failures, normal, openBackends, runOn } from "./testing";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

/** One element, tails, one workgroup full, just above what one workgroup takes alone, several parts. */
const SIZES = [1, 3, 257, 4099, 16384, 16389, 70001];

/** All schemes at their least and most bits. */
const CANDIDATES = ["binary", "ternary", "quaternary", "fixed", "resq", "zoomq", "clipq", "potq"].flatMap((scheme) => {
  const { minBits, maxBits } = findScheme(scheme);
  return minBits === maxBits ? [{ scheme, bits: minBits }] : [minBits, maxBits].map((bits) => ({ scheme, bits }));
});

/** Of some tensor of standard normal numbers around 0.1: the same for both backends, whose sums differ in their last places. */
const STATISTICS = [0.8, 0.5, 0.3, 0.2, 0.1, 0.06, 0.03, 0.02, 1.01, -3.1, 6.7, 3.6, 1.3];

const SUMS = { abs: 2e-4, rel: 2e-5 };

test.each(SIZES)("statistics of %i elements", async (size) => {
  for (const attrs of [
    { residuals: 8, ternary: true, zero: -1 },
    { residuals: 3, ternary: false, zero: 0 },
    { residuals: 1, ternary: true, zero: -1 },
    { residuals: 1, ternary: false, zero: -1 },
  ]) {
    await expectSameAsCpu(() => schemeStatistics(normal([size], 3, 0.1), attrs));
    await expectSameAsCpu(() => {
      const [positive, signed] = [tf.relu(normal([size], 4, 0.1)), normal([size], 4, 0.1)];
      return averageStatistics(schemeStatistics(positive, attrs), schemeStatistics(signed, attrs));
    });
  }
});

describe.each([1, 1027, 40001])("%i elements", (size) => {
  test("each scheme has the reference's levels and gradients", async () => {
    for (const candidate of CANDIDATES) {
      const rows = rowsOf([candidate]);
      const quantize = (v: tf.Tensor, p: tf.Tensor): tf.Tensor =>
        schemeMix(v, rowsTensor(rows), tf.tensor1d(STATISTICS), p as tf.Tensor1D, { learned: true });
      await expectSameAsCpu(() => quantize(normal([size], 5, 0.1), tf.ones([1])), { abs: 1e-6, rel: 1e-6 });
      await expectSameAsCpu(() => tf.grads(quantize)([normal([size], 5, 0.1), tf.ones([1])], normal([size], 6)), SUMS);
    }
  });

  test("a mixture of all its kinds, and its gradients", async () => {
    const rows = rowsOf(CANDIDATES.filter(({ bits }) => bits < 4));
    const shares = () => tf.tensor1d(rows.map((_, k) => (k + 1) / 36));
    for (const how of [{ learned: true }, { learned: false }, { learned: true, errors: true }]) {
      const mixture = (v: tf.Tensor, p: tf.Tensor): tf.Tensor =>
        schemeMix(v, rowsTensor(rows), tf.tensor1d(STATISTICS), p as tf.Tensor1D, how);
      await expectSameAsCpu(() => mixture(normal([size], 7, 0.1), shares()), { abs: 2e-6, rel: 1e-6 });
      await expectSameAsCpu(() => {
        const [dx, dp] = tf.grads(mixture)([normal([size], 7, 0.1), shares()], normal([size], 8));
        return how.learned ? [dx!, dp!] : [dx!];
      }, SUMS);
    }
  });
});

test("levels next to the ends of cells are those of IEEE division", async () => {
  for (const candidate of CANDIDATES.filter(({ scheme }) => scheme !== "resq" && scheme !== "binary")) {
    const step = findScheme(candidate.scheme).step(candidate.bits, Float32Array.from(STATISTICS));
    await expectSameAsCpu(
      () => {
        const halves = Float32Array.from({ length: 601 }, (_, i) => (Math.fround(step) * (i - 300)) / 2);
        const words = new Int32Array(halves.buffer);
        const near = [-2, -1, 0, 1, 2].map((ulps) =>
          tf.tensor1d(new Float32Array(words.map((word) => (word === 0 ? 0 : word + ulps)).buffer)),
        );
        const rows = rowsTensor(rowsOf([candidate]));
        return schemeMix(tf.concat(near), rows, tf.tensor1d(STATISTICS), tf.ones([1]), { learned: false });
      },
      { abs: 1e-6, rel: 1e-6 },
    );
  }
});

test("zeros and one value alone do as in the reference, and a NaN stays one", async () => {
  for (const candidate of CANDIDATES) {
    const rows = rowsOf([candidate]);
    const quantized = (values: number[]) => (): tf.Tensor => {
      const known = values.filter((value) => !Number.isNaN(value));
      const statistics = schemeStatistics(tf.tensor1d(known), statisticsFor(rows));
      return schemeMix(tf.tensor1d(values), rowsTensor(rows), statistics, tf.ones([1]), { learned: false });
    };
    for (const values of [[0, 0, 0], [0.4], Array<number>(9).fill(-0.3)]) await expectSameAsCpu(quantized(values));
    const [y] = await runOn("webgpu", quantized([0.5, NaN, 1]));
    expect([...y!].map(Number.isNaN)).toEqual([false, true, false]);
  }
});

describe("dispatches", () => {
  const count = (compute: () => tf.Tensor | tf.Tensor[]): number => {
    // What is freed has been computed.
    return countDispatches(() => tf.tidy(() => void compute())).total;
  };

  test.each([
    ["a small tensor, everything", 4096, 8, true, 1],
    ["a large tensor", 70000, 1, false, 2],
    ["a large tensor, ternary", 70000, 1, true, 3],
    ["a large tensor, ternary and residuals of three bits", 70000, 3, true, 4],
  ])("statistics of %s", (_, size, residuals, ternary, expected) => {
    tf.tidy(() => {
      const x = normal([size], 1);
      expect(count(() => schemeStatistics(x, { residuals, ternary, zero: -1 }))).toBe(expected);
    });
  });

  test("one for a moving average", () => {
    tf.tidy(() => {
      const statistics = tf.tensor1d(STATISTICS);
      expect(count(() => averageStatistics(statistics, statistics))).toBe(1);
    });
  });

  test.each([4096, 70000])(
    "none for the moving average of statistics that are about to be combined, of %i elements",
    async (size) => {
      const attrs = { residuals: 2, ternary: true, zero: -1 };
      const moved = (): tf.Tensor[] => {
        const statistics = schemeStatistics(normal([size], 1), attrs);
        return [averageStatistics(tf.tensor1d(STATISTICS), statistics), statistics];
      };
      await expectSameAsCpu(moved, { abs: 1e-5, rel: 1e-4 });
      expect(count(moved)).toBe(count(() => schemeStatistics(normal([size], 1), attrs)));
    },
  );

  test("one for a mixture, two for its gradient", () => {
    tf.tidy(() => {
      const rows = rowsTensor(rowsOf(CANDIDATES.filter(({ bits }) => bits < 4)));
      const [x, dy, p, statistics] = [normal([70000], 1), normal([70000], 2), tf.fill([8], 1 / 8), tf.tensor1d(STATISTICS)];
      const mixture = (v: tf.Tensor, q: tf.Tensor): tf.Tensor =>
        schemeMix(v, rows, statistics, q as tf.Tensor1D, { learned: true });
      expect(count(() => mixture(x, p))).toBe(1);
      // The sum of the workgroups' shares waits until somebody uses it.
      expect(count(() => tf.neg(tf.grads(mixture)([x, p], dy)[1]!))).toBe(1 + 2 + 1);
    });
  });

  test("no tensor is left behind", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => void schemeStatistics(normal([70000], 1), { residuals: 3, ternary: true, zero: -1 }));
    expect(tf.memory().numTensors).toBe(before);
  });
});
