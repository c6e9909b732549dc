import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { createRandom } from "../../core/random";
import { openBackend } from "../backend";
// Registers the gradients.
import "../kernels/ops";
import { gumbelNoise, gumbelSoftmax, straightThrough } from "./gumbel";

beforeAll(async () => {
  await openBackend("cpu", { wasmPaths: null, threads: 1 });
});

const SHARES = [0.1, 0.6, 0.3];

/** The same log shares in many rows. */
const logits = (rows: number): tf.Tensor2D => tf.tile(tf.tensor2d([SHARES.map(Math.log)]), [rows, 1]);

test("noise has the mean and the variance of the standard Gumbel distribution", () => {
  tf.tidy(() => {
    const { mean, variance } = tf.moments(gumbelNoise(20_000, 1, createRandom(1)));
    // Euler's constant and pi^2 / 6, within four standard errors.
    expect(Math.abs(mean.dataSync()[0]! - 0.5772)).toBeLessThan(0.036);
    expect(Math.abs(variance.dataSync()[0]! - 1.6449)).toBeLessThan(0.1);
  });
});

test("noise is finite at the ends of the generator's range", () => {
  const ends = [0, 1 - 2 ** -32];
  let drawn = 0;
  const random = { ...createRandom(1), uniform: () => ends[drawn++]! };
  tf.tidy(() => {
    const [least, most] = [...gumbelNoise(1, 2, random).dataSync()];
    expect(Number.isFinite(least!) && Number.isFinite(most!)).toBe(true);
  });
});

test("draws come as often as their probabilities say, at any temperature", () => {
  for (const tau of [0.1, 1, 5]) {
    tf.tidy(() => {
      const rows = 20_000;
      const drawn = straightThrough(gumbelSoftmax(logits(rows), gumbelNoise(rows, 3, createRandom(2)), tau));
      tf.mean(drawn, 0)
        .dataSync()
        .forEach((share, k) => expect(Math.abs(share - SHARES[k]!)).toBeLessThan(0.015));
    });
  }
});

test("a soft draw is nearly uniform when hot and nearly one-hot when cold", () => {
  tf.tidy(() => {
    const noise = gumbelNoise(1, 3, createRandom(3));
    const largest = (tau: number): number => Math.max(...gumbelSoftmax(logits(1), noise, tau).dataSync());
    expect(largest(1000)).toBeLessThan(0.34);
    expect(largest(0.01)).toBeGreaterThan(0.99);
  });
});

test("a straight-through draw is one-hot going forward and soft going back", () => {
  tf.tidy(() => {
    const noise = gumbelNoise(4, 3, createRandom(4));
    const soft = (theta: tf.Tensor): tf.Tensor2D => gumbelSoftmax(theta as tf.Tensor2D, noise, 0.7);
    const hard = straightThrough(soft(logits(4)));
    const rows = hard.arraySync();
    rows.forEach((row) => expect([...row].sort()).toEqual([0, 0, 1]));
    const upstream = tf.tensor2d([1, -2, 3, 0.5, 1, -1, 2, 2, 0, -1, 0, 1], [4, 3]);
    const back = [tf.grad((x) => straightThrough(soft(x))), tf.grad((x) => soft(x))].map((gradient) =>
      gradient(logits(4), upstream).dataSync(),
    );
    expect(Math.max(...back[0]!.map(Math.abs))).toBeGreaterThan(0.01);
    expect([...back[0]!]).toEqual([...back[1]!]);
  });
});
