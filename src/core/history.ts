/** What happened in a run so far, from its events: the source of every chart and of the history CSV. */
import type { DerivedTry, RunEvent, Snapshot, StageInfo, StageKind, TrainResult } from "./protocol";
import { KNOBS, type Knobs } from "./config";
import type { Policy } from "./policy";
import { appendThinned } from "./series";

/** Points kept of one stage: charts draw at most 300 a line. A stage of its own bound keeps a search fine when trainings follow. */
const MAX_POINTS: Readonly<Record<StageKind, number>> = { search: 300, derive: 0, train: 60 };

export interface HistoryStage {
  readonly stage: StageInfo;
  /** Steps of the whole run before this stage. */
  readonly start: number;
}

export interface HistoryPoint {
  /** Index into `stages`. */
  readonly stage: number;
  /** Steps of the whole run: the common time axis of all charts. */
  readonly time: number;
  readonly snapshot: Snapshot;
}

interface KnobChange {
  readonly time: number;
  readonly knobs: Knobs;
}

interface Evaluation {
  readonly time: number;
  readonly label: string;
  readonly accuracy: number;
  /** Of a language model, else null. */
  readonly perplexity: number | null;
}

export interface History {
  readonly stages: HistoryStage[];
  readonly points: HistoryPoint[];
  /** Where a knob moved after the first step. */
  readonly knobChanges: KnobChange[];
  readonly evaluations: Evaluation[];
  readonly results: TrainResult[];
  policy: Policy | null;
  /** Whether a search is under way that will decide another policy. */
  outdated: boolean;
  tried: readonly DerivedTry[];
  /** Index of the search that the charts show where somebody chose one; null for the last. */
  readonly shown: number | null;
}

export const emptyHistory = (): History => ({
  stages: [],
  points: [],
  knobChanges: [],
  evaluations: [],
  results: [],
  policy: null,
  outdated: false,
  tried: [],
  shown: null,
});

/** The stage that runs now, null before the first. */
export const currentStage = (history: History): HistoryStage | null => history.stages.at(-1) ?? null;

/** Steps of the whole run so far. */
export const timeNow = (history: History): number => history.points.at(-1)?.time ?? currentStage(history)?.start ?? 0;

/** Takes an event in; changes `history` in place (charts follow a version number, not the object). */
export function recordEvent(history: History, event: RunEvent): void {
  switch (event.type) {
    case "stage":
      history.stages.push({ stage: event.stage, start: timeNow(history) });
      if (event.stage.kind === "search") history.outdated = history.policy !== null;
      return;
    case "snapshot":
      recordSnapshot(history, event.snapshot);
      return;
    case "evaluated": {
      const { label, accuracy, perplexity } = event;
      history.evaluations.push({ time: timeNow(history), label, accuracy, perplexity });
      return;
    }
    case "derived":
      history.policy = event.policy;
      history.outdated = false;
      history.tried = event.tried;
      return;
    case "result":
      history.results.push(event.result);
      // The trained policy is the derived one with trained scales and accuracy: what a person wants to take away.
      if (event.result.kind === "policy" && event.result.policy) history.policy = event.result.policy;
      return;
    case "finished":
    case "failed":
      // Whatever the search would have decided, the policy is what there is now.
      history.outdated = false;
      return;
    case "ready":
    case "samples":
    case "log":
      return;
  }
}

function recordSnapshot(history: History, snapshot: Snapshot): void {
  const current = currentStage(history);
  if (!current) return;
  const time = current.start + snapshot.step;
  const before = history.points.at(-1);
  const stage = history.stages.length - 1;
  const inSameSearch = current.stage.kind === "search" && before?.stage === stage;
  if (inSameSearch && !sameKnobs(before.snapshot.knobs, snapshot.knobs)) {
    history.knobChanges.push({ time, knobs: snapshot.knobs });
  }
  forgetKernels(history.points);
  const first = history.points.findLastIndex((point) => point.stage !== stage) + 1;
  appendThinned(history.points, { stage, time, snapshot }, MAX_POINTS[current.stage.kind], (point) => point.time, first);
}

const sameKnobs = (a: Knobs, b: Knobs): boolean => (Object.keys(KNOBS) as (keyof Knobs)[]).every((knob) => a[knob] === b[knob]);

/** Thousands of kernels at hundreds of points would fill the memory, and only the newest are drawn. */
function forgetKernels(points: HistoryPoint[]): void {
  const last = points.at(-1);
  if (!last?.snapshot.relaxed?.kernels) return;
  const relaxed = { ...last.snapshot.relaxed, kernels: null };
  points[points.length - 1] = { ...last, snapshot: { ...last.snapshot, relaxed } };
}

/** The stage of the search that the charts show: the last one, or the chosen one. Null before the first. */
export function shownSearch(history: History): HistoryStage | null {
  return history.stages[shownIndex(history)] ?? null;
}

const shownIndex = ({ stages, shown }: History): number => shown ?? stages.findLastIndex(({ stage }) => stage.kind === "search");

/** The policy, or null while the search that is shown runs on to another one: its bits are those of its snapshots then. */
export const standingPolicy = (history: History): Policy | null => (isMoving(history) ? null : history.policy);

/** Whether the search that is shown runs on from the policy, its schemes decided and its bits in motion. */
export const isMoving = (history: History): boolean =>
  history.outdated && shownIndex(history) === history.stages.findLastIndex(({ stage }) => stage.kind === "search");

/** Points of that search, in time order. */
export function searchPoints(history: History): readonly HistoryPoint[] {
  const stage = shownIndex(history);
  return history.points.filter((point) => point.stage === stage);
}
