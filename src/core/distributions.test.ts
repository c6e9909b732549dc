import { describe, expect, test } from "vitest";
import { DISTRIBUTIONS, valuesOf } from "./distributions";

const N = 4096;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each([
  ["normal", 0, 1],
  ["logistic", 0, Math.PI ** 2 / 3],
  ["exponential", 1, 1],
  ["uniform", 0, 1 / 3],
  ["log-normal", Math.exp(0.5), (Math.E - 1) * Math.E],
])("values of the %s distribution", (id, expectation, variance) => {
  const values = [...valuesOf(id, N)];

  test("ascend", () => expect(values.every((value, i) => i === 0 || value > values[i - 1]!)).toBe(true));

  test("have its mean and variance but for the cut tails", () => {
    const found = mean(values);
    expect(found).toBeCloseTo(expectation, 2);
    const share = mean(values.map((value) => (value - found) ** 2)) / variance;
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThanOrEqual(1.0001);
  });
});

test("the normal quantiles are those of the tables", () => {
  const [normal] = DISTRIBUTIONS;
  expect(normal!.quantile(0.975)).toBeCloseTo(1.959964, 6);
  expect(normal!.quantile(0.999)).toBeCloseTo(3.090232, 6);
  expect(normal!.quantile(0.5)).toBeCloseTo(0, 9);
  expect(normal!.quantile(0.025)).toBeCloseTo(-1.959964, 6);
});

test("an unknown distribution is refused with the known ones", () => {
  expect(() => valuesOf("cauchy", 8)).toThrow(/No distribution "cauchy". Known: normal, logistic/);
});
