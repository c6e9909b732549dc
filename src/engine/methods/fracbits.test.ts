import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { budgetOf, resourceOf, type Resource } from "../../core/budget";
import { layersOf } from "../../core/layers";
import { findModel } from "../../core/models";
import type { Policy } from "../../core/policy";
import type { SearchSpace } from "../../core/search";
import { disposeStudy } from "../study";
import { eventsOf, lastSearched, openPlayer, type Play } from "../study/testing";
import { fracbits } from "./fracbits";
import type { Options } from "./method";

// Whole searches: a loaded machine takes longer than five seconds for some.
vi.setConfig({ testTimeout: 120_000 });

let play: Play;
beforeAll(async () => {
  play = await openPlayer();
});

/** Deviation of a policy from the budget, as a share of it. */
function missOf(resource: Resource, space: SearchSpace, { layers }: Policy, target: number): number {
  const bits = layers
    .filter(({ searched }) => searched)
    .map(({ weight, activation }) => ({ weight: weight.bits, activation: activation.bits }));
  expect(bits).toHaveLength(space.searched.length);
  const budget = budgetOf(resource, space, target);
  return Math.abs(resourceOf(resource, space.searched, bits) - budget) / budget;
}

interface Variant {
  readonly name: string;
  readonly options: Options;
  readonly resource: Resource;
  readonly weightBits: readonly number[];
}

const FROM_NONE = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const FROM_ONE = FROM_NONE.slice(1);

const VARIANTS: readonly Variant[] = [
  { name: "layer by layer, BitOps", options: {}, resource: "bitops", weightBits: FROM_ONE },
  { name: "kernel by kernel, BitOps", options: { kernels: "kernel" }, resource: "bitops", weightBits: FROM_NONE },
  {
    name: "weights alone, kernel by kernel, size",
    options: { resource: "size", quantize: "weights", kernels: "kernel" },
    resource: "size",
    weightBits: FROM_NONE,
  },
  { name: "layer by layer, average bits", options: { resource: "average" }, resource: "average", weightBits: FROM_ONE },
  { name: "layer by layer, ClipQ", options: { quantizer: "clipq" }, resource: "bitops", weightBits: FROM_ONE },
  {
    name: "weights alone, ZoomQ, size",
    options: { quantizer: "zoomq", quantize: "weights", resource: "size" },
    resource: "size",
    weightBits: FROM_ONE,
  },
  {
    name: "SAT, drawn, modified levels everywhere",
    options: { rescale: "all", interpolation: "gumbel", aunit: "modified", kernels: "kernel", channels: "channel" },
    resource: "bitops",
    weightBits: FROM_ONE,
  },
];

describe.each(VARIANTS)("a search, $name,", ({ options, resource, weightBits }) => {
  const target = 3;
  const change = { method: "fracbits", options, weightBits, activationBits: FROM_ONE, epochs: 5 };

  test("ends within 1 % of its budget, fine-tunes, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const { study, events } = await play(change, { target });
    const { policy } = eventsOf(events, "derived")[0]!;
    expect(missOf(resource, study.space, policy, target)).toBeLessThanOrEqual(0.01);
    const widths = policy.layers.flatMap(({ weight, activation }) => [weight.bits, activation.bits].flat());
    expect(widths.every((width) => Number.isInteger(width))).toBe(true);
    expect(eventsOf(events, "stage").map(({ stage }) => stage.label)).toEqual(["Fractional", "Derive", "Fine-tune"]);
    expect(eventsOf(events, "result").map(({ result }) => result.label)).toEqual(["Fine-tune"]);
    disposeStudy(study);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("is the same for the same seed, and another for another", async () => {
    const numbers = async (seed: number): Promise<readonly unknown[]> => {
      const { study, events } = await play({ ...change, seed, epochs: 2 }, { target });
      disposeStudy(study);
      const { penalty, relaxed } = lastSearched(events);
      const { policy } = eventsOf(events, "derived")[0]!;
      return [penalty, ...relaxed!.bits, ...relaxed!.meters.map((values) => [...values]), policy.layers, policy.totals];
    };
    const [first, again, other] = [await numbers(1), await numbers(1), await numbers(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

test.each(["fixed", "zoomq", "clipq"])("with %s learns, decides and trains on with that quantizer", async (quantizer) => {
  const { study, events } = await play(
    { method: "fracbits", options: { quantizer }, includeEnds: true, epochs: 10, baselines: true },
    { target: 4 },
  );
  const { policy } = eventsOf(events, "derived")[0]!;
  const schemes = new Set(policy.layers.flatMap(({ weight, activation }) => [weight.scheme, activation.scheme]));
  expect([...schemes].sort()).toEqual([quantizer, "image"].sort());
  expect(eventsOf(events, "stage")[0]!.stage.meters.map(({ id }) => id)).toEqual(["resource", "budget"]);
  const results = eventsOf(events, "result").map(({ result }) => result);
  expect(results.map(({ label }) => label)).toEqual(["Fine-tune", "Float", "W2A2", "W3A3", "W4A4"]);
  expect(results[0]!.accuracy).toBeGreaterThan(0.6);
  expect(results[4]!.policy!.layers[1]!.weight.scheme).toBe(quantizer);
  disposeStudy(study);
});

test("a scheme has no widths of single kernels, and says so", async () => {
  const options = { quantizer: "clipq", kernels: "kernel" };
  await expect(play({ method: "fracbits", options })).rejects.toThrow(/one width for a tensor: choose widths per layer/);
});

describe("a target", () => {
  test("moved during the search draws the resource to the new budget, which the policy meets", async () => {
    const { study, events } = await play({ method: "fracbits", epochs: 20 }, { target: 4 }, (event, control) => {
      if (event.type === "evaluated" && event.epoch === 4) {
        control.command({ type: "knobs", knobs: { ...control.knobs(), target: 3 } });
      }
    });
    const { meters } = lastSearched(events).relaxed!;
    const [resource, budget] = meters.map((values) => values[0]!);
    expect(budget! * 1e6).toBeCloseTo(budgetOf("bitops", study.space, 3), -1);
    expect(Math.abs(resource! - budget!) / budget!).toBeLessThan(0.05);
    const { policy } = eventsOf(events, "derived")[0]!;
    expect(missOf("bitops", study.space, policy, 3)).toBeLessThanOrEqual(0.01);
    expect(policy.method.target).toBe(3);
    disposeStudy(study);
  });

  test("that no widths can meet is refused before anything is trained", async () => {
    await expect(play({ method: "fracbits", weightBits: [3, 4], activationBits: [3, 4] }, { target: 2 })).rejects.toThrow(
      /even the fewest bits everywhere cost .* Choose a target from 3 to 4 bits/,
    );
  });
});

test("rates rise to a cosine that ends at nothing, as published", () => {
  const { schedule } = fracbits.training;
  for (const epoch of [6, 40, 75, 149, 150]) {
    expect(schedule(epoch, 150)).toBeCloseTo((1 + Math.cos((Math.PI * epoch) / 150)) / 2, 12);
  }
  expect(schedule(0, 150)).toBeGreaterThan(0);
  expect(schedule(0, 150)).toBeLessThan(0.05);
  expect(schedule(2.5, 150)).toBeGreaterThan(schedule(1, 150));
});

test("weight decay acts on weights that mix channels, and on nothing else", () => {
  const { decays } = fracbits.training;
  const layers = layersOf(findModel("mobilenetv2").build({ width: 8, input: [32, 32, 3], classes: 10 }));
  const left = layers.filter((layer) => !decays(layer)).map(({ name }) => name);
  expect(left).toEqual(layers.filter(({ name }) => name.endsWith(".dw")).map(({ name }) => name));
  expect(left).toHaveLength(17);
  expect(decays(null)).toBe(false);
});
