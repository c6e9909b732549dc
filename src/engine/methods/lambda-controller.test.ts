import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { budgetOf } from "../../core/budget";
import { layersOf } from "../../core/layers";
import { findModel } from "../../core/models";
import { sameCandidates, searchSpace } from "../../core/search";
import { disposeStudy } from "../study";
import { lastSearched, openPlayer, type Play } from "../study/testing";
import { openController } from "./lambda-controller";

// Whole searches: a loaded machine takes longer than five seconds for some.
vi.setConfig({ testTimeout: 120_000 });

let play: Play;
beforeAll(async () => {
  play = await openPlayer();
});

const space = searchSpace(layersOf(findModel("resnet8").build({ width: 4, input: [8, 8, 1], classes: 4 })), {
  includeEnds: false,
  site: sameCandidates((role) => (role === "weight" ? [1, 2, 3, 4] : [2, 3, 4]).map((bits) => ({ bits, scheme: "any" }))),
});

/** A network whose width follows lambda late: a bit less for ten times as much, 2 bits at 1e-3, a tenth of the way in each step. */
function simulate(target: number, initial: number): number {
  const controller = openController(space, initial);
  let bits = 4;
  for (let step = 0; step < 1000; step++) {
    tf.tidy(() => controller.follow(tf.fill([space.searched.length], bits * bits), target));
    const lambda = tf.tidy(() => controller.lambda().dataSync()[0]!);
    bits += 0.1 * (Math.max(1, -1 - Math.log10(lambda)) - bits);
  }
  controller.dispose();
  return space.searched.reduce((sum, layer) => sum + layer.macs, 0) * bits * bits;
}

describe("the controller", () => {
  test.each([
    [2, 1e-3],
    [3, 1e-6],
    [2.5, 1],
  ])("brings a network that follows late to %f bits from lambda %f", (target, initial) => {
    const before = tf.memory().numTensors;
    const cost = simulate(target, initial);
    const budget = budgetOf("bitops", space, target);
    expect(Math.abs(cost - budget) / budget).toBeLessThan(0.02);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("raises lambda above the budget, lowers it below, and stays within the knob's limits", () => {
    const lambdaAfter = (bits: number, steps: number): number => {
      const controller = openController(space, 1e-3);
      for (let step = 0; step < steps; step++) {
        tf.tidy(() => controller.follow(tf.fill([space.searched.length], bits * bits), 2));
      }
      const lambda = tf.tidy(() => controller.lambda().dataSync()[0]!);
      controller.dispose();
      return lambda;
    };
    expect(lambdaAfter(3, 1)).toBeGreaterThan(1e-3);
    expect(lambdaAfter(1.5, 1)).toBeLessThan(1e-3);
    expect(lambdaAfter(4, 2000)).toBeCloseTo(1, 5);
    expect(lambdaAfter(1, 2000) / 1e-6).toBeCloseTo(1, 5);
  });
});

describe("EdMIPS with a target", () => {
  test.each([2, 2.5])("ends within a few percent of the budget of %f bits", async (target) => {
    const before = tf.memory().numTensors;
    const { study, events } = await play({ options: { control: "target" }, epochs: 12 }, { target });
    const { relaxed } = lastSearched(events);
    const budget = budgetOf("bitops", study.space, target);
    expect(Math.abs(relaxed!.totals.bitOps - budget) / budget).toBeLessThan(0.05);
    const [lambda, cost, shown] = relaxed!.meters.map((values) => values[0]!);
    expect(lambda).toBeGreaterThan(0);
    expect(cost! * 1e6).toBeCloseTo(relaxed!.totals.bitOps, -2);
    expect(shown! * 1e6).toBeCloseTo(budget, -2);
    disposeStudy(study);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("follows a target that moves during the run", async () => {
    const { study, events } = await play({ options: { control: "target" }, epochs: 24 }, { target: 3 }, (event, control) => {
      if (event.type === "evaluated" && event.epoch === 4) {
        control.command({ type: "knobs", knobs: { ...control.knobs(), target: 2 } });
      }
    });
    const budget = budgetOf("bitops", study.space, 2);
    expect(Math.abs(lastSearched(events).relaxed!.totals.bitOps - budget) / budget).toBeLessThan(0.08);
    disposeStudy(study);
  });

  test("refuses a target below the least bits before it starts", async () => {
    await expect(play({ options: { control: "target" } }, { target: 0.5 })).rejects.toThrow(/cannot be met.*from 1 to 4 bits/);
  });
});
