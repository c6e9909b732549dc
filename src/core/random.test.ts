import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, permutation } from "./random";

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test("the same seed gives the same numbers, another seed others", () => {
  expect(draw(20, createRandom(7).uniform)).toEqual(draw(20, createRandom(7).uniform));
  expect(draw(20, createRandom(7).uniform)).not.toEqual(draw(20, createRandom(8).uniform));
});

test("a fork does not depend on what was drawn before, and disturbs nothing", () => {
  const fresh = createRandom(1);
  const used = createRandom(1);
  draw(100, used.uniform);
  expect(draw(10, used.fork("data").uniform)).toEqual(draw(10, fresh.fork("data").uniform));
  const forked = createRandom(1);
  forked.fork("data").uniform();
  expect(draw(10, forked.uniform)).toEqual(draw(10, createRandom(1).uniform));
});

test("forks of different labels differ", () => {
  const random = createRandom(1);
  expect(draw(10, random.fork("a").uniform)).not.toEqual(draw(10, random.fork("b").uniform));
});

describe("over 100 000 draws", () => {
  const count = 100_000;

  test("uniform numbers fill [0, 1) evenly", () => {
    const values = draw(count, createRandom(3).uniform);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const bins = new Array<number>(20).fill(0);
    for (const value of values) bins[Math.floor(value * 20)]!++;
    const chiSquare = bins.reduce((sum, seen) => sum + (seen - count / 20) ** 2 / (count / 20), 0);
    expect(chiSquare).toBeLessThan(43.8); // 99.9 % point at 19 degrees of freedom
  });

  test("neighbours are uncorrelated", () => {
    const values = draw(count, createRandom(4).uniform).map((value) => value - 0.5);
    const covariance = mean(values.slice(1).map((value, i) => value * values[i]!));
    expect(Math.abs(covariance * 12)).toBeLessThan(0.013); // four standard errors
  });

  test("normal numbers have mean 0, variance 1 and normal tails", () => {
    const values = draw(count, createRandom(5).normal);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.abs(mean(values))).toBeLessThan(0.013);
    expect(Math.abs(mean(values.map((value) => value ** 2)) - 1)).toBeLessThan(0.02);
    expect(mean(values.map((value) => (Math.abs(value) > 1.96 ? 1 : 0)))).toBeCloseTo(0.05, 2);
  });
});

test("integers stay below n", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, n) => {
      const random = createRandom(seed);
      expect(draw(50, () => random.integer(n)).every((value) => Number.isInteger(value) && value >= 0 && value < n)).toBe(true);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("a permutation holds every index once", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 300 }), (seed, n) => {
      const order = permutation(n, createRandom(seed));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("all orders of three are equally likely", () => {
  const random = createRandom(9);
  const seen = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = permutation(3, random).join("");
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(120); // four standard deviations
});
