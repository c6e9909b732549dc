import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "./random";
import { offsetTrials, roundToBudget, type RealWidths } from "./rounding";

test("the offset is bisected as published: 0, then halves of [-1, 0]", () => {
  const offsets = (resourceAt: (offset: number) => number): readonly number[] =>
    offsetTrials(resourceAt, 100).map(({ offset }) => offset);
  expect(offsets(() => 100.5)).toEqual([0]);
  expect(offsets((offset) => 130 + 40 * offset)).toEqual([0, -0.5, -0.75]);
  expect(offsets(() => 90)).toEqual(Array(11).fill(0));
});

test("widths stay within their bounds, and halves go to the even neighbour", () => {
  const sites: RealWidths[] = [{ widths: [0.2, 2.5, 3.5, 9], min: 1, max: 8 }];
  const { bits, moved } = roundToBudget(sites, () => 7, 7);
  expect(bits).toEqual([[1, 2, 4, 8]]);
  expect(moved).toBe(0);
});

test("few layers meet the budget too, where no common offset does", () => {
  const random = createRandom(5);
  for (let trial = 0; trial < 40; trial++) {
    const macs = Array.from({ length: 8 }, () => 1 + random.uniform() * 9);
    const sites = Array.from({ length: 16 }, () => ({ widths: [2 + 3 * random.uniform()], min: 2, max: 8 }));
    const cost = (bits: readonly (readonly number[])[]): number =>
      macs.reduce((sum, m, i) => sum + m * bits[2 * i]![0]! * bits[2 * i + 1]![0]!, 0);
    const budget = macs.reduce((sum, m) => sum + m * 3 * 3, 0);
    const { bits, resource } = roundToBudget(sites, cost, budget);
    expect(resource).toBeCloseTo(cost(bits), 9);
    expect(Math.abs(resource - budget) / budget).toBeLessThanOrEqual(0.01);
    bits.flat().forEach((b) => expect(b >= 2 && b <= 8 && Number.isInteger(b)).toBe(true));
  }
});

test("kernels by the thousand take little time and end within the budget", () => {
  const random = createRandom(6);
  const sites = Array.from({ length: 20 }, () => ({
    widths: Array.from({ length: 200 }, () => 4 * random.uniform()),
    min: 0,
    max: 8,
  }));
  const cost = (bits: readonly (readonly number[])[]): number => bits.flat().reduce((sum, b) => sum + b, 0);
  const { resource } = roundToBudget(sites, cost, 9000);
  expect(Math.abs(resource - 9000)).toBeLessThanOrEqual(90);
});

test("a budget out of reach gives whole widths within their bounds all the same", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 6 }),
      fc.double({ min: 1, max: 100, noNaN: true }),
      (widths, budget) => {
        const { bits } = roundToBudget([{ widths, min: 2, max: 4 }], (all) => all.flat().reduce((a, b) => a + b, 0), budget);
        bits.flat().forEach((b) => expect([2, 3, 4]).toContain(b));
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});
