import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test, vi } from "vitest";
import { disposeStudy } from "../study";
import { eventsOf, lastSearched, openPlayer, type Play } from "../study/testing";

vi.setConfig({ testTimeout: 120_000 });

let play: Play;
beforeAll(async () => {
  play = await openPlayer();
});

test("schemes are found, then their widths are learned on the same network, in one run", async () => {
  const before = tf.memory().numTensors;
  const { study, events } = await play({ method: "autoqnn-pipeline", epochs: 10 }, { target: 4, activationTarget: 3, kappa: 10 });

  expect(eventsOf(events, "stage").map(({ stage }) => stage.label)).toEqual(["QSS", "Derive", "QPL", "Derive", "Fine-tune"]);
  const [found, learned] = eventsOf(events, "derived").map(({ policy }) => policy);
  const schemes = (policy: typeof found): readonly string[] =>
    policy!.layers.filter(({ searched }) => searched).flatMap(({ weight, activation }) => [weight.scheme, activation.scheme]);
  expect(schemes(learned)).toEqual(schemes(found));

  const searches = eventsOf(events, "stage").filter(({ stage }) => stage.kind === "search");
  const [first, second] = searches.map(({ stage }) => stage.space);
  expect(first, "as the study describes it").toBeUndefined();
  expect(study.space.sites.every(({ candidates }) => candidates.length > 1)).toBe(true);
  second!.sites.forEach(({ candidates, pinned }, i) => {
    expect(new Set(candidates.map(({ scheme }) => scheme))).toEqual(new Set([schemes(found)[i]]));
    expect(pinned).toBe(candidates.length === 1);
  });

  // Learned widths lie between those of their schemes, and the activations' mean where it shall be.
  const { relaxed } = lastSearched(events);
  second!.sites.forEach(({ candidates }, i) => {
    expect(relaxed!.bits[i]).toBeGreaterThanOrEqual(candidates[0]!.bits);
    expect(relaxed!.bits[i]).toBeLessThanOrEqual(candidates.at(-1)!.bits);
  });
  const [, , activations] = relaxed!.meters.map((values) => values[0]!);
  expect(Math.abs(activations! - 3)).toBeLessThan(0.1);

  // The second stage goes on where the first was: it does not start from nothing.
  const relaxedAccuracies = eventsOf(events, "evaluated").filter(({ label }) => label === "relaxed");
  const half = relaxedAccuracies.length / 2;
  expect(relaxedAccuracies[half]!.accuracy).toBeGreaterThan(relaxedAccuracies[0]!.accuracy);
  expect(eventsOf(events, "result").at(-1)!.result.accuracy).toBeGreaterThan(0.6);

  disposeStudy(study);
  expect(tf.memory().numTensors).toBe(before);
});
