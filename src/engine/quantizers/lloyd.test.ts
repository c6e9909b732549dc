import { describe, expect, test } from "vitest";
import { gaussianStep, halfWaveStep, powerStep } from "./lloyd";
import { activationStep, weightStep } from "./hwgq";

describe("Lloyd-optimal uniform steps", () => {
  test.each([
    [1, 1.596],
    [2, 0.996],
    [3, 0.586],
    [4, 0.336],
    [5, 0.1881],
    [6, 0.1041],
    [7, 0.0569],
    [8, 0.0308],
  ])("for a Gaussian at %i bits is the published %f", (bits, published) => {
    expect(Math.abs(gaussianStep(bits) - published)).toBeLessThan(1e-3);
  });

  test.each([
    [2, 0.9957],
    [3, 0.586],
    [4, 0.3352],
    [5, 0.1881],
    [6, 0.1041],
    [7, 0.0569],
    [8, 0.0308],
  ])("for a Gaussian at %i bits is ClipQ's %f up to two units in its last digit", (bits, published) => {
    expect(Math.abs(gaussianStep(bits) - published)).toBeLessThan(2e-4);
  });

  test.each([
    [1, 0.799],
    [2, 0.538],
    [3, 0.3217],
    [4, 0.185],
  ])("for a half-wave Gaussian at %i bits is the published %f", (bits, published) => {
    expect(Math.abs(halfWaveStep(bits) - published)).toBeLessThan(1.2e-3);
  });

  test("are minima: neighbouring steps quantize a normal sample no better", () => {
    const sample = Array.from({ length: 20_001 }, (_, i) => inverseNormal((i + 0.5) / 20_001));
    for (const bits of [2, 3, 5]) {
      const best = gaussianStep(bits);
      const error = (step: number): number => {
        const limit = 2 ** (bits - 1) - 0.5;
        const level = (x: number): number => Math.min(Math.max(Math.floor(x / step) + 0.5, -limit), limit) * step;
        return sample.reduce((sum, x) => sum + (x - level(x)) ** 2, 0) / sample.length;
      };
      expect(error(best)).toBeLessThan(error(best * 1.05));
      expect(error(best)).toBeLessThan(error(best * 0.95));
    }
  });

  test.each([
    [2, 0.9],
    [3, 0.4],
    [4, 0.03],
  ])("of PotQ at %i bits are better than the published %f", (bits, published) => {
    const last = 2 ** (bits - 1) - 1;
    const sample = Array.from({ length: 20_001 }, (_, i) => inverseNormal((i + 0.5) / 20_001));
    const error = (step: number): number => {
      const level = (x: number): number => {
        const e = Math.min(Math.max(Math.round(Math.log2(Math.abs(x) / step)), 0), last);
        return (e === 0 ? 0.5 : 2 ** e) * step;
      };
      return sample.reduce((sum, x) => sum + (Math.abs(x) - level(x)) ** 2, 0) / sample.length;
    };
    const best = powerStep(bits);
    expect(error(best)).toBeLessThan(error(published));
    expect(error(best)).toBeLessThan(error(best * 1.1));
    expect(error(best)).toBeLessThan(error(best * 0.9));
  });

  test("fill the tables above four bits only", () => {
    expect(weightStep(4)).toBe(0.336);
    expect(activationStep(4)).toBe(0.185);
    expect(weightStep(8)).toBe(gaussianStep(8));
    expect(activationStep(8)).toBe(halfWaveStep(8));
  });
});

/** By bisection of the distribution function, itself a sum over the density: slow and plain. */
function inverseNormal(probability: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (cumulative(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function cumulative(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const density = Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
  const tail = density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x >= 0 ? 1 - tail : tail;
}
