import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createRandom } from "../../../core/random";
import { averageStatistics, findScheme, rowsOf, rowsTensor, statisticsFor } from "../../quantizers/schemes";
import { RESIDUALS, STATISTIC } from "../contract";
import { schemeMix, schemeStatistics } from "../ops";
import { registerCpuKernels } from "./index";

beforeAll(async () => {
  registerCpuKernels();
  await tf.setBackend("cpu");
});

const random = createRandom(7);
const normal = Float32Array.from({ length: 500 }, () => 0.3 * random.normal() + 0.02);

const EVERYTHING = { residuals: RESIDUALS, ternary: true, zero: -1 };

/** All schemes at all their widths. */
const CANDIDATES = ["binary", "ternary", "quaternary", "fixed", "resq", "zoomq", "clipq", "potq"].flatMap((scheme) => {
  const { minBits, maxBits } = findScheme(scheme);
  return Array.from({ length: maxBits - minBits + 1 }, (_, i) => ({ scheme, bits: minBits + i }));
});

/** `values` by one candidate, with the statistics of `of`. */
function quantized(values: ArrayLike<number>, scheme: string, bits: number, of: Float32Array = normal): Float32Array {
  return tf.tidy(() => {
    const rows = rowsTensor(rowsOf([{ scheme, bits }]));
    const statistics = schemeStatistics(tf.tensor1d(of), EVERYTHING);
    const x = tf.tensor1d(Float32Array.from(values));
    return schemeMix(x, rows, statistics, tf.ones([1]), { learned: false })
      .dataSync()
      .slice() as Float32Array;
  });
}

const statisticsOf = (values: Float32Array): Float32Array =>
  tf.tidy(() => schemeStatistics(tf.tensor1d(values), EVERYTHING).dataSync().slice() as Float32Array);

describe.each(CANDIDATES)("$scheme at $bits bits", ({ scheme, bits }) => {
  const { levels, step } = findScheme(scheme);

  test("gives its levels and nothing else, ever higher ones", () => {
    const steps = 4000;
    const ramp = Float32Array.from({ length: steps + 1 }, (_, i) => (8 * i) / steps - 4);
    const y = quantized(ramp, scheme, bits);
    const known = levels(bits, statisticsOf(normal));
    // Levels of residuals may coincide, no other's.
    expect(known.length).toBe(scheme === "ternary" ? 3 : 2 ** bits);
    const off = [...new Set(y)].filter((value) => !known.some((level) => Math.abs(level - value) < 1e-5));
    expect(off).toEqual([]);
    const decreases = [...y].filter((value, i) => i > 0 && value < (y[i - 1] as number) - 1e-6);
    // A sum of greedy binaries is no monotone staircase where its scales do not at least halve.
    if (scheme !== "resq") expect(decreases).toEqual([]);
    expect(step(bits, statisticsOf(normal))).toBeGreaterThan(0);
  });

  test("maps a level to itself", () => {
    // Greedy sums of other scales than its own are no levels.
    if (scheme === "resq") return;
    const known = Float32Array.from(levels(bits, statisticsOf(normal)));
    quantized(known, scheme, bits).forEach((value, i) => expect(value).toBeCloseTo(known[i] as number, 5));
  });
});

describe("levels by hand", () => {
  const x = Float32Array.of(-3, -1, -0.5, 0, 0.5, 1, 2, 4);

  test("binary: the mean magnitude, zero negative", () => {
    expect([...quantized(x, "binary", 1, x)]).toEqual([-1.5, -1.5, -1.5, -1.5, 1.5, 1.5, 1.5, 1.5]);
  });

  test("ternary: zero up to 0.7 mean magnitudes, else the mean of the others", () => {
    expect([...quantized(x, "ternary", 2, x)].map((v) => v + 0)).toEqual([-3, 0, 0, 0, 0, 0, 3, 3]);
  });

  test("fixed point: a power of two, clipped to the integers of b bits", () => {
    expect([...quantized(x, "fixed", 3, x)].map((v) => v + 0)).toEqual([-4, 0, 0, 0, 0, 0, 2, 4]);
  });

  test("zoom: from the minimum to the maximum", () => {
    expect([...quantized([-3, 4, -10, 10, 0.4], "zoomq", 3, x)]).toEqual([-2.5625, 3.5625, -2.5625, 3.5625, 0.0625]);
  });

  test("residuals: what remains of each value, binary after binary", () => {
    const two = quantized(x, "resq", 2, x);
    const [first, second] = statisticsOf(x);
    expect(first).toBe(1.5);
    expect(two[7]).toBeCloseTo(1.5 + (second as number), 6);
    expect(two[3]).toBeCloseTo(-1.5 + (second as number), 6);
  });

  test("powers of two: halves, twos and fours of the step, no zero", () => {
    const step = findScheme("potq").step(3, statisticsOf(x));
    const y = quantized([0, 0.1 * step, 1.4 * step, 1.5 * step, -2.9 * step, 100 * step], "potq", 3, x);
    [-0.5, 0.5, 0.5, 2, -4, 8].forEach((level, i) => expect((y[i] as number) / step).toBeCloseTo(level, 5));
  });

  test("one value alone, or none but zeros, gives finite levels", () => {
    for (const { scheme, bits } of CANDIDATES)
      for (const values of [[0.7], [0, 0, 0], [-0.2, -0.2]]) {
        const of = Float32Array.from(values);
        expect(quantized(of, scheme, bits, of).every(Number.isFinite)).toBe(true);
      }
  });

  test("a NaN stays one", () => {
    for (const { scheme, bits } of CANDIDATES) expect(quantized([NaN], scheme, bits)[0]).toBeNaN();
  });
});

describe("statistics", () => {
  test("are those of the tensor, in their places", () => {
    const found = statisticsOf(Float32Array.of(-3, 1, 2, 0));
    expect(found[STATISTIC.magnitude]).toBe(1.5);
    expect(found[STATISTIC.deviation]).toBeCloseTo(Math.sqrt(14 / 3), 6);
    expect(found[STATISTIC.minimum]).toBe(-3);
    expect(found[STATISTIC.range]).toBe(5);
    expect(found[STATISTIC.largest]).toBe(3);
    expect(found[STATISTIC.ternary]).toBe(2.5);
    // -3 leaves -1.5, 1 leaves -0.5, 2 leaves 0.5, 0 counts as negative and leaves 1.5.
    expect(found[1]).toBe(1);
  });

  test("are computed only as far as candidates need them", () => {
    expect(statisticsFor(rowsOf([{ scheme: "clipq", bits: 3 }]))).toEqual({ residuals: 1, ternary: false, zero: -1 });
    const all = rowsOf(["ternary", "resq"].map((scheme) => ({ scheme, bits: scheme === "resq" ? 3 : 2 })));
    expect(statisticsFor(all)).toEqual({ residuals: 3, ternary: true, zero: -1 });
  });

  test("average with a momentum of 0.9", () => {
    const [old, next] = [statisticsOf(normal), statisticsOf(normal.map((v) => 2 * v))];
    const average = averageStatistics(tf.tensor1d(old), tf.tensor1d(next)).dataSync();
    old.forEach((value, i) => expect(average[i]).toBeCloseTo(0.9 * value + 0.1 * next[i]!, 6));
  });

  test("pass no gradient", () => {
    const gradient = tf.grad((x) => tf.add(x, tf.sum(schemeStatistics(x, EVERYTHING))))(tf.tensor1d([1, 2]));
    expect([...gradient.dataSync()]).toEqual([1, 1]);
  });
});

describe("a mixture", () => {
  const candidates = rowsOf([
    { scheme: "ternary", bits: 2 },
    { scheme: "clipq", bits: 3 },
    { scheme: "potq", bits: 3 },
  ]);
  const shares = [0.5, 0.3, 0.2];
  const upstream = normal.map((_, i) => Math.sin(i));
  const mixture = (x: tf.Tensor, p: tf.Tensor): tf.Tensor => {
    const statistics = schemeStatistics(x, statisticsFor(candidates));
    return schemeMix(x, rowsTensor(candidates), statistics, p as tf.Tensor1D, { learned: true });
  };

  test("is the weighted sum of its candidates", () => {
    const y = tf.tidy(() => mixture(tf.tensor1d(normal), tf.tensor1d(shares)).dataSync());
    const [ternary, clip, pot] = [quantized(normal, "ternary", 2), quantized(normal, "clipq", 3), quantized(normal, "potq", 3)];
    y.forEach((value, i) => expect(value).toBeCloseTo(0.5 * ternary[i]! + 0.3 * clip[i]! + 0.2 * pot[i]!, 5));
  });

  test("has the probabilities' gradient by differences", () => {
    const loss = (p: readonly number[]): number =>
      tf.tidy(() => tf.sum(tf.mul(mixture(tf.tensor1d(normal), tf.tensor1d([...p])), upstream)).dataSync()[0] as number);
    const [, dp] = tf.grads(mixture)([tf.tensor1d(normal), tf.tensor1d(shares)], tf.tensor1d(upstream));
    dp!.dataSync().forEach((value, k) => {
      const moved = (by: number): number => loss(shares.map((p, i) => (i === k ? p + by : p)));
      expect((moved(0.5) - moved(-0.5)) / 1).toBeCloseTo(value, 3);
    });
  });

  test("may have the gradient of its candidates' errors where they pass", () => {
    const rows = rowsOf([{ scheme: "clipq", bits: 2 }]);
    const at = (x: tf.Tensor, p: tf.Tensor): tf.Tensor =>
      schemeMix(x, rowsTensor(rows), schemeStatistics(x, statisticsFor(rows)), p as tf.Tensor1D, { learned: true, errors: true });
    const x = tf.tensor1d(normal);
    const [dx, dp] = tf.grads(at)([x, tf.ones([1])], tf.tensor1d(upstream));
    const [y, passed] = [at(x, tf.ones([1])).dataSync(), dx!.dataSync()];
    expect(passed.some((slope) => slope === 0)).toBe(true);
    const errors = normal.map((value, i) => y[i]! - (passed[i] === 0 ? 0 : value));
    expect(dp!.dataSync()[0]).toBeCloseTo(
      errors.reduce((sum, error, i) => sum + error * upstream[i]!, 0),
      3,
    );
  });

  test("passes the whole gradient but where ClipQ clips", () => {
    const limit = findScheme("clipq").step(3, statisticsOf(normal)) * 3.5;
    const [dx] = tf.grads(mixture)([tf.tensor1d(normal), tf.tensor1d(shares)], tf.tensor1d(upstream));
    const blocked = normal.filter((value) => Math.abs(value) > limit);
    expect(blocked.length).toBeGreaterThan(0);
    dx!.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(upstream[i]! * (Math.abs(normal[i]!) > limit ? 0.7 : 1), 5);
    });
  });

  test("leaves no tensor behind", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => void tf.grads(mixture)([tf.tensor1d(normal), tf.tensor1d(shares)], tf.tensor1d(upstream)));
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("candidates that a scheme does not have are named", () => {
  expect(() => rowsOf([{ scheme: "potq", bits: 5 }])).toThrow("PotQ (powers of two) has 2 to 4 bits");
  expect(() => findScheme("best")).toThrow('No scheme "best". Known: binary, ternary');
});
