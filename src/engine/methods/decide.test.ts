import { expect, test } from "vitest";
import type { DeriveRule } from "../../core/config";
import type { Layer } from "../../core/layers";
import { createRandom } from "../../core/random";
import { decide } from "./decide";
import type { Ballot } from "./method";

const ballot = (probabilities: readonly number[]): Ballot => ({
  site: {
    id: "conv/weight",
    layer: {} as Layer,
    role: "weight",
    candidates: probabilities.map((_, i) => ({ bits: i + 1, scheme: "gaussian" })),
    kernels: 1,
    pinned: false,
  },
  probabilities,
  bits: [probabilities.reduce((sum, p, i) => sum + p * (i + 1), 0)],
});

const rule = (name: DeriveRule["rule"], draws = 1): DeriveRule => ({ rule: name, draws, tries: 1 });

test("winner-take-all picks the largest probability, and fewer bits in a tie", () => {
  const [first, tie] = decide([ballot([0.1, 0.6, 0.3]), ballot([0.2, 0.4, 0.4])], rule("winner"), createRandom(1));
  expect(first).toEqual({ site: "conv/weight", bits: 2, scheme: "gaussian" });
  expect(tie?.bits).toBe(2);
});

test("one categorical draw follows the probabilities", () => {
  const random = createRandom(7);
  const counts = [0, 0, 0];
  for (let i = 0; i < 6000; i++) {
    const bits = decide([ballot([0.2, 0.5, 0.3])], rule("categorical"), random)[0]!.bits;
    counts[bits - 1]! += 1;
  }
  expect(counts.map((n) => n / 6000)).toEqual([expect.closeTo(0.2, 1), expect.closeTo(0.5, 1), expect.closeTo(0.3, 1)]);
});

test("many multinomial draws find the most probable candidate, one draw need not", () => {
  const picks = (draws: number): Set<number> => {
    const random = createRandom(3);
    return new Set(
      Array.from({ length: 50 }, () => decide([ballot([0.3, 0.45, 0.25])], rule("multinomial", draws), random)[0]!.bits),
    );
  };
  expect(picks(2000)).toEqual(new Set([2]));
  expect(picks(1).size).toBeGreaterThan(1);
});

test("the same seed draws the same policy", () => {
  const ballots = Array.from({ length: 20 }, () => ballot([0.25, 0.25, 0.25, 0.25]));
  const draw = (seed: number): readonly number[] =>
    decide(ballots, rule("categorical"), createRandom(seed)).map((choice) => choice.bits);
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
});
