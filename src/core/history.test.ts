import { expect, test } from "vitest";
import {
  currentStage,
  emptyHistory,
  isMoving,
  recordEvent,
  searchPoints,
  shownSearch,
  standingPolicy,
  timeNow,
  type History,
} from "./history";
import type { Policy } from "./policy";
import type { RunEvent, Snapshot, StageKind, TrainResult } from "./protocol";

const stage = (kind: StageKind, label: string): RunEvent => ({
  type: "stage",
  stage: { kind, label, steps: 100, epochs: 1, meters: [] },
});

const snapshot = (step: number, lambda = 1e-3): RunEvent => ({
  type: "snapshot",
  snapshot: {
    step,
    epoch: step / 100,
    knobs: { lambda, target: 3, activationTarget: 3, kappa: 1 },
    taskLoss: 1,
    penalty: 0,
    accuracy: 0.5,
    rate: 0.1,
    speed: 10,
    secondsLeft: 1,
    relaxed: null,
  } satisfies Snapshot,
});

function recorded(...events: readonly RunEvent[]): History {
  const history = emptyHistory();
  for (const event of events) recordEvent(history, event);
  return history;
}

test("before the first stage there is no time, and a snapshot is ignored", () => {
  const history = recorded(snapshot(5));
  expect(history).toEqual(emptyHistory());
  expect(timeNow(history)).toBe(0);
  expect(currentStage(history)).toBeNull();
});

test("stages follow each other on one time axis", () => {
  const history = recorded(stage("search", "Search"), snapshot(40), snapshot(100), stage("train", "Retrain"), snapshot(30));
  expect(history.stages.map(({ start }) => start)).toEqual([0, 100]);
  expect(history.points.map(({ time }) => time)).toEqual([40, 100, 130]);
  expect(history.points.map((point) => point.stage)).toEqual([0, 0, 1]);
  expect(currentStage(history)?.stage.label).toBe("Retrain");
  expect(timeNow(history)).toBe(130);
});

test("a stage without snapshots takes no time", () => {
  const history = recorded(stage("search", "Search"), snapshot(100), stage("derive", "Derive"), stage("train", "Retrain"));
  expect(history.stages.map(({ start }) => start)).toEqual([0, 100, 100]);
});

test("a knob that moves during a search leaves one mark", () => {
  const history = recorded(stage("search", "Search"), snapshot(1, 0.1), snapshot(2, 0.1), snapshot(3, 0.2), snapshot(4, 0.2));
  expect(history.knobChanges).toEqual([{ time: 3, knobs: { lambda: 0.2, target: 3, activationTarget: 3, kappa: 1 } }]);
});

test("a knob that moves during a training leaves none", () => {
  const history = recorded(stage("train", "Float"), snapshot(1, 0.1), snapshot(2, 0.2));
  expect(history.knobChanges).toEqual([]);
});

test("a knob that moved between two runs is no change during the second", () => {
  const history = recorded(
    stage("search", "Search"),
    snapshot(1, 0.1),
    stage("search", "Search"),
    snapshot(1, 0.2),
    snapshot(2, 0.3),
  );
  expect(history.knobChanges).toEqual([{ time: 3, knobs: { lambda: 0.3, target: 3, activationTarget: 3, kappa: 1 } }]);
});

test("a long run keeps its first and last points and at most 600", () => {
  const events = Array.from({ length: 5000 }, (_, i) => snapshot(i + 1));
  const history = recorded(stage("search", "Search"), ...events);
  expect(history.points.length).toBeLessThanOrEqual(600);
  expect(history.points[0]?.time).toBe(1);
  expect(timeNow(history)).toBe(5000);
});

test("searchPoints gives the last search only, or the chosen one", () => {
  const history = recorded(
    stage("search", "A"),
    snapshot(1),
    stage("search", "B"),
    snapshot(2),
    stage("train", "Float"),
    snapshot(3),
  );
  expect(searchPoints(history).map(({ time }) => time)).toEqual([3]);
  expect(shownSearch(history)?.stage.label).toBe("B");
  expect(searchPoints({ ...history, shown: 0 }).map(({ time }) => time)).toEqual([1]);
  expect(shownSearch({ ...history, shown: 0 })?.stage.label).toBe("A");
  expect(shownSearch(emptyHistory())).toBeNull();
  expect(searchPoints(recorded(stage("train", "Float"), snapshot(1)))).toEqual([]);
});

test("evaluations, results and policies are kept", () => {
  const policy = { format: "bitloom.policy" } as Policy;
  const result = { label: "W2A2" } as TrainResult;
  const history = recorded(
    stage("search", "Search"),
    snapshot(10),
    { type: "evaluated", label: "Search", epoch: 1, accuracy: 0.9, perplexity: null },
    { type: "derived", policy, tried: [] },
    { type: "result", result },
    { type: "log", text: "words" },
    { type: "finished", stopped: false },
  );
  expect(history.evaluations).toEqual([{ time: 10, label: "Search", accuracy: 0.9, perplexity: null }]);
  expect(history.policy).toBe(policy);
  expect(history.results).toEqual([result]);
});

test("a policy stands until the next search moves its bits, and again from what that decides or from its end", () => {
  const [first, second] = [{ layers: [] }, { layers: [] }] as unknown as readonly [Policy, Policy];
  const derived = (policy: Policy): RunEvent => ({ type: "derived", policy, tried: [] });
  const history = recorded(stage("search", "QSS"), snapshot(1), stage("derive", "Derive"));
  expect(isMoving(history)).toBe(false);
  recordEvent(history, derived(first));
  expect(standingPolicy(history)).toBe(first);
  recordEvent(history, stage("search", "QPL"));
  expect(standingPolicy(history)).toBeNull();
  recordEvent(history, stage("derive", "Derive"));
  expect(standingPolicy(history)).toBeNull();
  expect(standingPolicy({ ...history, shown: 0 })).toBe(first);
  const stopped = { ...history };
  recordEvent(stopped, { type: "finished", stopped: true });
  expect(standingPolicy(stopped)).toBe(first);
  recordEvent(history, derived(second));
  expect(standingPolicy(history)).toBe(second);
});
