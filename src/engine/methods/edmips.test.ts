import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Policy } from "../../core/policy";
import { disposeStudy } from "../study";
import { eventsOf, lastSearched, openPlayer, type Play } from "../study/testing";

vi.setConfig({ testTimeout: 120_000 });

let play: Play;
beforeAll(async () => {
  play = await openPlayer();
});

const schemesOf = ({ layers }: Policy): readonly string[] => [
  ...new Set(layers.filter(({ searched }) => searched).flatMap(({ weight, activation }) => [weight.scheme, activation.scheme])),
];

describe.each(["fixed", "zoomq", "clipq"])("a search with %s", (quantizer) => {
  test("learns, derives, retrains and compares with that quantizer, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const { study, events } = await play({ options: { quantizer }, epochs: 6, retrain: true, baselines: true });
    // 1 bit is among the default candidates, and none of these schemes has it.
    expect(study.space.sites[0]!.candidates).toEqual([2, 3, 4].map((bits) => ({ bits, scheme: quantizer })));
    const searched = lastSearched(events);
    expect(Math.max(...searched.relaxed!.probabilities)).toBeGreaterThan(0.35);
    expect(eventsOf(events, "evaluated").findLast(({ label }) => label === "relaxed")!.accuracy).toBeGreaterThan(0.8);

    const { policy } = eventsOf(events, "derived")[0]!;
    expect(schemesOf(policy)).toEqual([quantizer]);
    expect(policy.method).toMatchObject({ id: "edmips", options: { quantizer } });
    const results = eventsOf(events, "result").map(({ result }) => result);
    expect(results.map(({ label }) => label)).toEqual(["Retrain", "Float", "W2A2", "W3A3", "W4A4"]);
    for (const { policy: trained } of results) if (trained) expect(schemesOf(trained)).toEqual([quantizer]);
    expect(results[0]!.accuracy).toBeGreaterThan(0.5);
    disposeStudy(study);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test.each(["non-shared", "parallel"])("%s branches have the chosen quantizer too", async (branches) => {
  const before = tf.memory().numTensors;
  const { study, events } = await play({ options: { quantizer: "clipq", branches }, epochs: 2 });
  expect(schemesOf(eventsOf(events, "derived")[0]!.policy)).toEqual(["clipq"]);
  expect(Math.max(...lastSearched(events).relaxed!.probabilities)).toBeGreaterThan(0.34);
  disposeStudy(study);
  expect(tf.memory().numTensors).toBe(before);
});

test("a quantizer without any of the chosen bits is refused with a sentence", async () => {
  await expect(play({ options: { quantizer: "clipq" }, weightBits: [1] })).rejects.toThrow(/ClipQ .* has 2 to 8 bits/);
});
