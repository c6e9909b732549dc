import { describe, expect, it } from "vitest";
import { axisEnd, linearTicks, logTicks, rangeTicks, spacedLabels } from "./ticks";

describe("linearTicks", () => {
  it("gives round numbers with both ends when they are round", () => {
    expect(linearTicks(0, 1250, 5)).toEqual([0, 500, 1000]);
    expect(linearTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(0.1, 0.5, 4)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  });
  it("gives none for an empty axis", () => {
    expect(linearTicks(3, 3, 5)).toEqual([]);
    expect(linearTicks(NaN, 3, 5)).toEqual([]);
  });
  it("never gives many more than asked for", () => {
    for (let span = 1; span < 5000; span += 37) expect(linearTicks(0, span, 5).length).toBeLessThanOrEqual(6);
  });
});

it("ends an axis at a round number that holds the maximum", () => {
  expect([2.3, 0.041, 9.99, 10].map((max) => axisEnd(max, 3))).toEqual([3, 0.06, 10, 10]);
  expect(axisEnd(0, 3)).toBe(1);
});

it("holds a range between round numbers, also one that stands still", () => {
  expect(rangeTicks(2.31, 3.62, 4)).toEqual([2, 2.5, 3, 3.5, 4]);
  expect(rangeTicks(7.5, 8, 4)).toEqual([7.4, 7.6, 7.8, 8]);
  const still = rangeTicks(2.65, 2.65, 4);
  expect(still[0]!).toBeLessThan(2.65);
  expect(still.at(-1)!).toBeGreaterThan(2.65);
  expect(rangeTicks(Infinity, -Infinity, 4)).toEqual([0, 1]);
});

it("thins logarithmic ticks to what fits", () => {
  expect(logTicks(1e6, 3e7, 6)).toEqual([1e6, 2e6, 5e6, 1e7, 2e7]);
  expect(logTicks(1e6, 3e7, 3)).toEqual([1e6, 1e7]);
  expect(logTicks(0, 10, 3)).toEqual([]);
});

it("keeps the last of labels that would touch", () => {
  expect(spacedLabels([0, 5, 30, 33, 70], (at) => at, 20)).toEqual([5, 33, 70]);
  expect(spacedLabels([], (at: number) => at, 20)).toEqual([]);
});
