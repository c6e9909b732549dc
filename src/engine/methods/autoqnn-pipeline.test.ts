import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test, vi } from "vitest";
import type { Policy } from "../../core/policy";
import { disposeStudy, openStudy, resumeStudy } from "../study";
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

/** With other quantizers for the weight of its second searched layer and the activation of its third. */
function edited(policy: Policy): Policy {
  const [, second, third] = policy.layers.filter(({ searched }) => searched);
  return {
    ...policy,
    layers: policy.layers.map((layer) => {
      if (layer.name === second!.name) return { ...layer, weight: { ...layer.weight, scheme: "ternary", bits: 2, scale: [] } };
      if (layer.searched && layer.activation.tensor === third!.activation.tensor)
        return { ...layer, activation: { ...layer.activation, scheme: "resq", bits: 5, scale: [] } };
      return layer;
    }),
  };
}

const decidedOf = ({ layers }: Policy): readonly string[] =>
  layers.filter(({ searched }) => searched).flatMap(({ weight, activation }) => [weight.scheme, activation.scheme]);

test("a run that ends before QPL goes on from an edited policy with the weights of the scheme search", async () => {
  const before = tf.memory().numTensors;
  const options = { between: "edit", wschemes: "clipq,zoomq", aschemes: "clipq,zoomq" };
  const { study, events, surroundings } = await play({ method: "autoqnn-pipeline", epochs: 10, options }, { target: 4 });
  expect(eventsOf(events, "stage").map(({ stage }) => stage.label)).toEqual(["QSS", "Derive"]);
  expect(eventsOf(events, "log").at(-1)!.text).toContain("edit the schemes");

  const policy = edited(eventsOf(events, "derived")[0]!.policy);
  const searched = eventsOf(events, "evaluated").at(-1)!.accuracy;
  const seen = events.length;
  expect(await resumeStudy(study, policy, surroundings)).toBe("go");
  const after = events.slice(seen);
  expect(eventsOf(after, "stage").map(({ stage }) => stage.label)).toEqual(["QPL", "Derive", "Fine-tune"]);

  const [learned] = eventsOf(after, "derived");
  expect(decidedOf(learned!.policy)).toEqual(decidedOf(policy));
  const widths = learned!.policy.layers.filter((layer) => layer.searched);
  expect(widths[1]!.weight).toMatchObject({ scheme: "ternary", bits: 2 });
  expect(widths[2]!.activation.scheme).toBe("resq");
  const sites = eventsOf(after, "stage")[0]!.stage.space!.sites;
  expect(sites[2]).toMatchObject({ pinned: true, candidates: [{ scheme: "ternary", bits: 2 }] });
  expect(sites[5]!.candidates.map(({ bits }) => bits)).toEqual([2, 3, 4, 5, 6, 7, 8]);

  // Not from nothing: an untrained network knows a quarter of the images.
  expect(searched).toBeGreaterThan(0.6);
  expect(eventsOf(after, "evaluated")[0]!.accuracy).toBeGreaterThan(0.6);

  // A second time, from where the first one ended, holds as many tensors as the first.
  const once = tf.memory().numTensors;
  await resumeStudy(study, policy, surroundings);
  expect(tf.memory().numTensors).toBe(once);
  disposeStudy(study);
  expect(tf.memory().numTensors).toBe(before);
});

test("a policy without a search before it starts from new weights", async () => {
  const before = tf.memory().numTensors;
  const { study, events, surroundings } = await play({ method: "autoqnn-pipeline", epochs: 5, options: { between: "edit" } });
  const { policy } = eventsOf(events, "derived")[0]!;
  disposeStudy(study);
  const fresh = openStudy(study.config, study.dataset);
  await resumeStudy(fresh, edited(policy), surroundings);
  expect(decidedOf(eventsOf(events, "derived").at(-1)!.policy)).toEqual(decidedOf(edited(policy)));
  disposeStudy(fresh);
  expect(tf.memory().numTensors).toBe(before);
});

test("refuses, in a sentence, a policy that QPL cannot start from, and a method that has nothing to go on with", async () => {
  const { study, events, surroundings } = await play({ epochs: 1 });
  const { policy } = eventsOf(events, "derived")[0]!;
  const pipeline = openStudy({ ...study.config, method: "autoqnn-pipeline" }, study.dataset);
  await expect(resumeStudy(pipeline, policy, surroundings)).rejects.toThrow(/"gaussian", which is none of AutoQNN's schemes/);
  await expect(resumeStudy(study, policy, surroundings)).rejects.toMatchObject({ code: "config" });
  disposeStudy(study);
});
