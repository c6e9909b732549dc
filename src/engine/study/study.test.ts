import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { DEFAULT_KNOBS, type RunConfig } from "../../core/config";
import { parsePolicy } from "../../core/policy";
import type { RunEvent, Snapshot } from "../../core/protocol";
import { weightStep } from "../quantizers/hwgq";
import { openBackend, type OpenBackend } from "../backend";
import { createControl } from "../control";
import { derivePolicy, disposeStudy, openStudy, runStudy, trainTargets } from ".";
import { corners, eventsOf, openPlayer, TOY_CONFIG, type Play } from "./testing";

// Whole runs: a loaded machine takes longer than five seconds for some.
vi.setConfig({ testTimeout: 60_000 });

const DATA = corners();

let backend: OpenBackend;
let play: Play;
beforeAll(async () => {
  backend = await openBackend("wasm", { wasmPaths: null, threads: 1 });
  play = await openPlayer();
});

const lastSnapshot = (events: readonly RunEvent[]): Snapshot => eventsOf(events, "snapshot").at(-1)!.snapshot;

describe("a search", () => {
  test("learns, moves its probabilities and ends with a policy that parses", async () => {
    const { study, events } = await play({ epochs: 6 });
    const snapshot = lastSnapshot(events);
    expect(eventsOf(events, "evaluated").at(-1)!.accuracy).toBeGreaterThan(0.9);
    const probabilities = [...snapshot.relaxed!.probabilities];
    expect(probabilities).toHaveLength(study.space.searched.length * 7);
    expect(Math.max(...probabilities)).toBeGreaterThan(0.3);
    expect(snapshot.relaxed!.totals.averageBits).toBeGreaterThan(1.4);
    const { policy } = eventsOf(events, "derived")[0]!;
    expect(parsePolicy(JSON.stringify(policy)).ok).toBe(true);
    expect(policy.layers.filter((layer) => layer.searched)).toHaveLength(study.space.searched.length);
    expect(policy.totals.accuracy!.kind).toBe("derived");
    disposeStudy(study);
  });

  test("with the same seed gives the same numbers, with another seed others", async () => {
    const numbers = async (seed: number): Promise<readonly number[]> => {
      const { study, events } = await play({ seed, epochs: 2 });
      disposeStudy(study);
      const { taskLoss, penalty, relaxed } = lastSnapshot(events);
      return [taskLoss, penalty, ...relaxed!.probabilities];
    };
    const [first, again, other] = [await numbers(1), await numbers(1), await numbers(2)];
    // The number of steps behind a snapshot's mean loss depends on the clock; the rest does not.
    expect(again.slice(1)).toEqual(first.slice(1));
    expect(other.slice(1)).not.toEqual(first.slice(1));
  });

  test("costs less in the end when lambda is raised during the run", async () => {
    const cost = async (raise: boolean): Promise<number> => {
      const { study, events } = await play({ epochs: 8, architectureRate: 0.1 }, { lambda: 1e-4 }, (event, control) => {
        if (raise && event.type === "evaluated" && event.epoch === 2)
          control.command({ type: "knobs", knobs: { ...control.knobs(), lambda: 0.1 } });
      });
      disposeStudy(study);
      expect(lastSnapshot(events).knobs.lambda).toBe(raise ? 0.1 : 1e-4);
      return lastSnapshot(events).relaxed!.totals.bitOps;
    };
    expect(await cost(true)).toBeLessThan(0.9 * (await cost(false)));
  });

  test.each(["non-shared", "parallel"])("runs with %s branches and gives all tensors back", async (branches) => {
    const before = tf.memory().numTensors;
    const { study } = await play({ options: { branches }, epochs: 1 });
    disposeStudy(study);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("alternates between weights and probabilities on request", async () => {
    const { study, events } = await play({ options: { optimisation: "alternating" }, epochs: 2 });
    expect(Math.max(...lastSnapshot(events).relaxed!.probabilities)).toBeGreaterThan(0.26);
    disposeStudy(study);
  });

  test("keeps the number of tensors from its second snapshot to its last", async () => {
    const counts: number[] = [];
    const { study } = await play({ epochs: 12 }, { lambda: 1e-3 }, (event) => {
      if (event.type === "evaluated") counts.push(tf.memory().numTensors);
    });
    disposeStudy(study);
    expect(new Set(counts.slice(1)).size).toBe(1);
  });

  test("stops with an explanation when the loss is not finite", async () => {
    await expect(play({ weightRate: 10, epochs: 30, weightDecay: 1 })).rejects.toMatchObject({
      code: "not-finite",
      message: expect.stringContaining("learning rate") as unknown,
    });
  });

  test("stops with the device's own words when the backend has failed", async () => {
    const study = openStudy(TOY_CONFIG, DATA);
    const control = createControl(DEFAULT_KNOBS);
    let failure: string | null = null;
    const emit = (event: RunEvent): void => {
      if (event.type === "snapshot") failure = "The WebGPU device was lost.";
    };
    const run = runStudy(study, { backend: backend.info, backendFailure: () => failure, control, emit });
    await expect(run).rejects.toMatchObject({ code: "device-lost", message: "The WebGPU device was lost." });
    disposeStudy(study);
  });

  test("ends early on request and still derives", async () => {
    const { study, events } = await play({ epochs: 50 }, { lambda: 1e-3 }, (event, control) => {
      if (event.type === "evaluated") control.command({ type: "finish" });
    });
    expect(eventsOf(events, "derived")).toHaveLength(1);
    expect(lastSnapshot(events).step).toBeLessThan(100);
    disposeStudy(study);
  });
});

describe("deriving", () => {
  test.each(["categorical", "multinomial"] as const)(
    "by %s sampling compares policies and keeps one within the budget",
    async (rule) => {
      const derive = { rule, draws: 5, tries: 6 };
      const { study, events } = await play({ derive, epochs: 2 });
      const { tried, policy } = eventsOf(events, "derived")[0]!;
      expect(tried).toHaveLength(6);
      const chosen = tried.filter((entry) => entry.chosen);
      expect(chosen).toHaveLength(1);
      expect(chosen[0]!.bitOps).toBe(policy.totals.bitOps);
      const within = tried.filter((entry) => entry.withinBudget);
      if (within.length > 0) expect(chosen[0]!.accuracy).toBe(Math.max(...within.map((entry) => entry.accuracy!)));
      disposeStudy(study);
    },
  );

  test("can be repeated after the search with another rule", async () => {
    const { study, events, surroundings } = await play({ epochs: 1 });
    await derivePolicy(study, { ...study.config, derive: { rule: "categorical", draws: 1, tries: 3 } }, surroundings);
    expect(eventsOf(events, "derived")).toHaveLength(2);
    expect(eventsOf(events, "log").at(-1)!.text).toContain("had seen");
    disposeStudy(study);
  });

  test("without a search is refused with a sentence", async () => {
    const { surroundings } = await play({ epochs: 1 });
    await expect(derivePolicy(openStudy(TOY_CONFIG, DATA), TOY_CONFIG, surroundings)).rejects.toMatchObject({ code: "config" });
  });
});

describe("retraining", () => {
  test("trains the policy and the baselines with one code, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const { study, events } = await play({ retrain: true, baselines: true, epochs: 4 });
    const results = eventsOf(events, "result").map((event) => event.result);
    expect(results.map((result) => result.label)).toEqual(["Retrain", "Float", "W2A2", "W3A3", "W4A4"]);
    expect(results.map((result) => result.totals.averageBits).slice(1)).toEqual([32, 2, 3, 4]);
    expect(results.every((result) => result.accuracies.length === 4 && result.accuracy > 0.25)).toBe(true);
    expect(results[0]!.policy!.totals.accuracy).toMatchObject({ kind: "retrained", value: results[0]!.accuracy });
    disposeStudy(study);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("from the search weights starts where the search ended", async () => {
    const firstLoss = async (retrainFrom: RunConfig["retrainFrom"]): Promise<number> => {
      const { study, events } = await play({ retrain: true, retrainFrom, epochs: 3 });
      disposeStudy(study);
      const retrain = events.slice(events.findLastIndex((event) => event.type === "stage"));
      return eventsOf(retrain, "snapshot")[0]!.snapshot.taskLoss;
    };
    expect(await firstLoss("search")).toBeLessThan(0.5 * (await firstLoss("scratch")));
  });

  test("from a non-shared search takes the chosen candidate's own weight", async () => {
    const { study, events } = await play({ options: { branches: "non-shared" }, epochs: 1 });
    const { relaxation, network } = study.search!;
    const { policy } = eventsOf(events, "derived")[0]!;
    const [layer] = study.space.searched;
    const bits = policy.layers.find((entry) => entry.name === layer!.name)!.weight.bits as number;
    const weightFor = (b: number): tf.Variable =>
      relaxation.weightOf({ site: `${layer!.name}/weight`, bits: b, scheme: "gaussian" });
    expect(weightFor(1)).toBe(network.trainable.get(`${layer!.name}.weight`));
    expect(new Set([1, 2, 3, 4].map((b) => weightFor(b).id)).size).toBe(4);
    const values = weightFor(bits).dataSync<"float32">();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    const { scale } = policy.layers.find((entry) => entry.name === layer!.name)!.weight;
    expect(scale[0]! / weightStep(bits)).toBeCloseTo(deviation, 4);
    disposeStudy(study);
  });

  test("refuses a policy of another network by naming the layer", async () => {
    const { study, events, surroundings } = await play({ epochs: 1 });
    const { policy } = eventsOf(events, "derived")[0]!;
    const other = openStudy({ ...TOY_CONFIG, model: "vgg7" }, DATA);
    await expect(trainTargets(other, [{ kind: "policy", policy, from: "scratch" }], surroundings)).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("stem") as unknown,
    });
    disposeStudy(study);
  });
});
