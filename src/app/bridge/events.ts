/** Events of the worker into the run store, at most five times a second. */
import { recordEvent } from "../../core/history";
import type { RunEvent, TrainResult } from "../../core/protocol";
import { quality } from "../format";
import { originOf, useRun, type LogEntry, type RunState, type RunStatus } from "../store/run";
import { modelLabel } from "../store/models";

/** Charts stop gaining from more, and React then has most of every frame for the person. */
const FLUSH_MS = 200;

export interface EventQueue {
  readonly push: (event: RunEvent) => void;
  /** Takes in what waits. */
  readonly flush: () => void;
}

/** Collects events: the first one after a pause goes in at once, others follow together. */
export function eventQueue(apply: (events: readonly RunEvent[]) => void = applyEvents): EventQueue {
  let waiting: RunEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const take = (): void => {
    const events = waiting;
    waiting = [];
    if (events.length > 0) apply(events);
  };
  const turn = (): void => {
    take();
    timer = setTimeout(() => {
      timer = undefined;
      if (waiting.length > 0) turn();
    }, FLUSH_MS);
  };
  return {
    push: (event) => {
      waiting.push(event);
      if (timer === undefined) turn();
    },
    flush: take,
  };
}

/** Takes events into the history and the store, with one update for all of them. */
export function applyEvents(events: readonly RunEvent[]): void {
  useRun.setState((before) => events.reduce(applyEvent, { ...before, version: before.version + 1 }));
}

function applyEvent(state: RunState, told: RunEvent): RunState {
  const event = named(told, state);
  recordEvent(state.history, event);
  switch (event.type) {
    case "ready":
      return { ...state, backend: event.backend, data: event.data };
    case "stage": {
      const status = state.status.type === "paused" ? state.status : runningStatus(event.stage.kind === "derive");
      return { ...state, stage: event.stage, status, log: logged(state, "stage", `${event.stage.label} begins.`) };
    }
    case "snapshot":
      return state;
    case "evaluated":
      return { ...state, log: logged(state, "note", `${event.label}: ${quality(event)} on the test data.`) };
    case "derived": {
      const { averageWeightBits, averageActivationBits } = event.policy.totals;
      const text = `Policy derived: ${averageWeightBits.toFixed(2)} weight bits, ${averageActivationBits.toFixed(2)} activation bits.`;
      return { ...state, policySource: { type: "derived" }, policyProblem: null, log: logged(state, "result", text) };
    }
    case "result": {
      const { result } = event;
      const text = `${result.label}: ${quality(result)} on the test data after ${result.epochs} epochs.`;
      const row = { run: state.runs, of: describeRun(state), result: detached(result) };
      return { ...state, results: [...state.results, row], log: logged(state, "result", text) };
    }
    case "samples":
      return { ...state, samples: event.samples };
    case "log":
      return { ...state, log: logged(state, "note", event.text) };
    case "finished": {
      const text = event.stopped ? "Stopped." : "Finished.";
      return { ...state, status: { type: "finished", stopped: event.stopped }, log: logged(state, "stage", text) };
    }
    case "failed":
      return {
        ...state,
        status: { type: "failed", code: event.code, message: event.message },
        log: logged(state, "failure", event.message),
      };
  }
}

/** Training an opened policy makes a result of that file, and an edited one one of its own, whatever the worker calls it. */
function named(event: RunEvent, { policySource }: RunState): RunEvent {
  if (event.type !== "result" || event.result.kind !== "policy") return event;
  const origin = originOf(policySource);
  const label = origin.type === "opened" ? origin.fileName : event.result.label;
  return { ...event, result: { ...event.result, label: policySource.type === "edited" ? `${label}, edited` : label } };
}

const runningStatus = (deriving: boolean): RunStatus => ({ type: deriving ? "deriving" : "running" });

/** Entries that the log keeps: a day of searching stays below. */
const MAX_LOG = 2000;

/** The log with one more entry. */
export function logged(state: Pick<RunState, "log">, kind: LogEntry["kind"], text: string): readonly LogEntry[] {
  return [...state.log.slice(1 - MAX_LOG), { at: new Date(), kind, text }];
}

/** A result without the policy's probabilities and scales, which the table does not show. */
const detached = (result: TrainResult): TrainResult => ({ ...result, policy: null });

const describeRun = ({ ran }: RunState): string =>
  ran ? `${modelLabel(ran.config.model, ran.network)} on ${ran.data.name}, seed ${ran.config.seed}` : "";
