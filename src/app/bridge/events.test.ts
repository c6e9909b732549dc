import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { emptyHistory } from "../../core/history";
import type { Policy } from "../../core/policy";
import type { RunEvent } from "../../core/protocol";
import { useRun } from "../store/run";
import { applyEvents, eventQueue } from "./events";

beforeEach(() => {
  vi.useFakeTimers();
  useRun.setState({ ...useRun.getInitialState(), history: emptyHistory() });
});
afterEach(() => vi.useRealTimers());

const note = (text: string): RunEvent => ({ type: "log", text });
const search: RunEvent = { type: "stage", stage: { kind: "search", label: "Search", steps: 10, epochs: 1, meters: [] } };

it("hands on the first event at once and at most five batches a second after it", () => {
  const batches: number[] = [];
  const queue = eventQueue((events) => batches.push(events.length));
  for (let ms = 0; ms < 1000; ms += 10) {
    queue.push(note(String(ms)));
    vi.advanceTimersByTime(10);
  }
  expect(batches[0]).toBe(1);
  expect(batches.length).toBeLessThanOrEqual(6);
  vi.advanceTimersByTime(500);
  expect(batches.reduce((total, size) => total + size)).toBe(100);
});

it("takes what waits when it is flushed", () => {
  const seen: RunEvent[] = [];
  const queue = eventQueue((events) => seen.push(...events));
  queue.push(note("a"));
  queue.push(note("b"));
  queue.flush();
  expect(seen).toEqual([note("a"), note("b")]);
});

it("updates the store once for many events", () => {
  let updates = 0;
  const stop = useRun.subscribe(() => updates++);
  applyEvents([search, note("one"), note("two")]);
  stop();
  expect(updates).toBe(1);
  expect(useRun.getState()).toMatchObject({ version: 1, status: { type: "running" }, stage: { label: "Search" } });
  expect(useRun.getState().log.map(({ text }) => text)).toEqual(["Search begins.", "one", "two"]);
});

it("stays paused when the next stage begins", () => {
  useRun.setState({ status: { type: "paused" } });
  applyEvents([search]);
  expect(useRun.getState().status.type).toBe("paused");
});

it("keeps the history when a run fails, and says why", () => {
  applyEvents([search, { type: "failed", code: "not-finite", message: "The loss is not a number." }]);
  expect(useRun.getState().status).toEqual({ type: "failed", code: "not-finite", message: "The loss is not a number." });
  expect(useRun.getState().history.stages).toHaveLength(1);
});

it("calls the training of an opened policy by its file, that of a derived one as the worker does, and says what was edited", () => {
  const result = {
    label: "Retrain",
    kind: "policy",
    accuracy: 0.5,
    perplexity: null,
    accuracies: [0.5],
    epochs: 1,
    seconds: 1,
    policy: null,
  };
  const event = { type: "result", result } as unknown as RunEvent;
  applyEvents([event]);
  useRun.setState({ policySource: { type: "opened", fileName: "mine.json" } });
  applyEvents([event]);
  const before = {} as Policy;
  useRun.setState({ policySource: { type: "edited", before, source: { type: "derived" } } });
  applyEvents([event]);
  const labels = ["Retrain", "mine.json", "Retrain, edited"];
  expect(useRun.getState().results.map((entry) => entry.result.label)).toEqual(labels);
  expect(useRun.getState().history.results.map(({ label }) => label)).toEqual(labels);
});
