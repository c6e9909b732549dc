import fc from "fast-check";
import { expect, test } from "vitest";
import { appendThinned } from "./series";

const same = (value: number): number => value;

test("below the limit nothing is dropped", () => {
  const series = [1, 2];
  appendThinned(series, 3, 3, same);
  expect(series).toEqual([1, 2, 3]);
});

test("thinning keeps the first and the newest, the order, and the limit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 500 }), (limit, count) => {
      const series: number[] = [];
      for (let value = 0; value < count; value++) {
        appendThinned(series, value, limit, same);
        if (series[0] !== 0 || series.at(-1) !== value || series.length > limit) return false;
      }
      return series.every((value, i) => i === 0 || value > series[i - 1]!);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("a thinned series covers its whole range evenly, however long it gets", () => {
  const series: number[] = [];
  for (let value = 1; value <= 20_000; value++) {
    appendThinned(series, value, 100, same);
    if (value % 97 !== 0) continue;
    const gaps = series.slice(1).map((later, i) => later - series[i]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.max(1, (3 * value) / 100));
  }
});
