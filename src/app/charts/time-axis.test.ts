import { describe, expect, it } from "vitest";
import { DEFAULT_KNOBS } from "../../core/config";
import { emptyHistory, recordEvent, type History } from "../../core/history";
import type { Snapshot, StageInfo } from "../../core/protocol";
import { pointAt, rateDrops, runExtent, searchExtent, stageBands, thinned } from "./time-axis";

const stage = (kind: StageInfo["kind"], label: string, steps: number): StageInfo => ({
  kind,
  label,
  steps,
  epochs: 2,
  meters: [],
});
const snapshot = (step: number, rate = 0.1): Snapshot => ({
  step,
  epoch: step / 50,
  knobs: DEFAULT_KNOBS,
  taskLoss: 1,
  penalty: 0,
  accuracy: 0.5,
  rate,
  speed: 10,
  secondsLeft: 1,
  relaxed: null,
});

function history(): History {
  const run = emptyHistory();
  recordEvent(run, { type: "stage", stage: stage("search", "Search", 100) });
  for (const step of [10, 20, 60]) recordEvent(run, { type: "snapshot", snapshot: snapshot(step, step > 30 ? 0.01 : 0.1) });
  recordEvent(run, { type: "stage", stage: stage("derive", "Derive", 0) });
  recordEvent(run, { type: "stage", stage: stage("train", "Retrain", 100) });
  recordEvent(run, { type: "snapshot", snapshot: snapshot(5) });
  return run;
}

describe("extents", () => {
  it("is none before a run", () => {
    expect(searchExtent(emptyHistory())).toBeNull();
    expect(runExtent(emptyHistory())).toBeNull();
  });
  it("cuts a stage that was ended early and plans the running one", () => {
    expect(searchExtent(history())).toEqual({ start: 0, end: 60 });
    expect(runExtent(history())).toEqual({ start: 0, end: 160 });
  });
  it("leaves stages without steps out of the bands", () => {
    const bands = stageBands(history(), { start: 0, end: 160 });
    expect(bands).toEqual([
      { label: "Search", start: 0, end: 60 },
      { label: "Retrain", start: 60, end: 160 },
    ]);
  });
});

it("finds the point that held at a time", () => {
  const { points } = history();
  expect([0, 10, 59, 60, 1000].map((time) => pointAt(points, time)?.time)).toEqual([10, 10, 20, 60, 65]);
  expect(pointAt(points, null)?.time).toBe(65);
  expect(pointAt([], 3)).toBeNull();
});

it("finds drops of the learning rate inside a stage only", () => {
  expect(rateDrops(history())).toEqual([{ time: 60, rate: 0.01 }]);
});

describe("thinned points", () => {
  const points = Array.from({ length: 1000 }, (_, time) => ({ time }));
  const extent = { start: 0, end: 1000 };

  it("are no more than a line of that width shows, both ends among them", () => {
    const kept = thinned(points, extent, 200);
    expect([kept.length, kept[0]?.time, kept.at(-1)?.time]).toEqual([101, 0, 999]);
    expect(thinned(points, extent, 5000)).toHaveLength(301);
    expect(thinned([{ time: 1 }, { time: 900 }], extent, 200)).toHaveLength(2);
  });

  it("stay the same ones while the line grows", () => {
    const before = thinned(points.slice(0, 500), extent, 200);
    const after = thinned(points.slice(0, 520), extent, 200);
    expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
  });
});
