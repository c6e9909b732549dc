/**
 * The README's results table: float, uniform and EdMIPS networks on real data, several seeds, through the same engine as the page.
 *
 *     npm run bench:results -- --data PATH --epochs N [--seeds 1,2,3] [--lambdas 0.0005,...] [--width 16] [--flip 1] [--out FILE]
 *
 * One JSON line for each training. A policy that equals one already trained with the same seed is not trained again: the same
 * configuration and seed give the same numbers.
 */
import { appendFileSync } from "node:fs";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, type RunConfig } from "../src/core/config";
import type { RunEvent, TrainResult, TrainTarget } from "../src/core/protocol";
import { parseArguments } from "../src/cli/arguments";
import { openNodeBackend } from "../src/cli/backend";
import { openData } from "../src/cli/data";
import { createControl } from "../src/engine/control";
import { baselineTargets, disposeStudy, openStudy, runStudy, trainTargets } from "../src/engine/study";

const { flags } = parseArguments(process.argv.slice(2), []);
const text = (name: string, fallback: string): string => flags.get(name) ?? fallback;
const list = (name: string, fallback: string): readonly number[] => text(name, fallback).split(",").map(Number);

const backend = await openNodeBackend("wasm");

interface Row {
  readonly data: string;
  readonly seed: number;
  readonly label: string;
  readonly lambda: number | null;
  readonly accuracy: number;
  readonly relaxed: number | null;
  readonly bits: number;
  readonly bitOps: number;
  /** Milliseconds per training step, median of the snapshots; of the search for a searched policy. */
  readonly msPerStep: number;
  /** Of the search alone, for a searched policy. */
  readonly searchSeconds: number | null;
  readonly seconds: number;
  readonly policy: string;
}

const write = (row: Row): void => {
  const line = JSON.stringify(row);
  console.log(line);
  const out = flags.get("out");
  if (out !== undefined) appendFileSync(out, `${line}\n`);
};

interface Trained {
  readonly result: TrainResult;
  readonly msPerStep: number;
}

for (const seed of list("seeds", "1,2,3")) {
  const dataset = await openData(text("data", "glyphs"), seed);
  const config: RunConfig = {
    ...DEFAULT_CONFIG,
    data: dataset.info.id,
    width: Number(text("width", "16")),
    epochs: Number(text("epochs", "12")),
    // The published rate, as in the published runs that the table is compared with.
    architectureRate: Number(text("lra", "0.01")),
    shift: text("shift", "0") === "1",
    flip: text("flip", "0") === "1",
    seed,
    retrain: false,
    baselines: false,
  };
  const known = new Map<string, Trained>();
  const train = async (target: TrainTarget): Promise<Trained> => {
    const key = target.kind === "policy" ? bitsOf(target.policy) : "";
    const before = known.get(key);
    if (before && target.kind === "policy") return before;
    const events: RunEvent[] = [];
    const study = openStudy(config, dataset);
    await trainTargets(study, [target], {
      backend: backend.info,
      backendFailure: backend.failure,
      control: createControl(DEFAULT_KNOBS),
      emit: (event) => events.push(event),
    });
    const result = events.flatMap((event) => (event.type === "result" ? [event.result] : []))[0];
    if (!result) throw new Error("The training gave no result.");
    const trained = { result, msPerStep: medianStep(events) };
    if (result.policy) known.set(bitsOf(result.policy), trained);
    return trained;
  };
  const rowOf = ({ result, msPerStep }: Trained): Row => ({
    data: dataset.info.name,
    seed,
    label: result.label,
    lambda: null,
    accuracy: result.accuracy,
    relaxed: null,
    bits: result.totals.averageBits,
    bitOps: result.totals.bitOps,
    msPerStep,
    searchSeconds: null,
    seconds: result.seconds,
    policy: result.policy ? bitsOf(result.policy) : "",
  });

  const [float, ...uniform] = baselineTargets();
  for (const target of [float, { kind: "uniform", weightBits: 1, activationBits: 2 } as const, ...uniform]) {
    if (target) write(rowOf(await train(target)));
  }
  for (const lambda of list("lambdas", "0.0005,0.001,0.002")) {
    const events: RunEvent[] = [];
    const study = openStudy(config, dataset);
    const started = performance.now();
    await runStudy(study, {
      backend: backend.info,
      backendFailure: backend.failure,
      control: createControl({ lambda }),
      emit: (event) => events.push(event),
    });
    const searchSeconds = (performance.now() - started) / 1000;
    disposeStudy(study);
    const policy = events.flatMap((event) => (event.type === "derived" ? [event.policy] : []))[0];
    const relaxed = events.flatMap((event) => (event.type === "evaluated" ? [event.accuracy] : [])).at(-1) ?? null;
    if (!policy) throw new Error("The search gave no policy.");
    const result = await train({ kind: "policy", policy, from: "scratch" });
    write({ ...rowOf(result), label: "EdMIPS", lambda, relaxed, searchSeconds, msPerStep: medianStep(events) });
  }
}

/** "1/2 4/4 ...": weight and activation bits of the searched layers. */
function bitsOf(policy: NonNullable<TrainResult["policy"]>): string {
  return policy.layers.flatMap((layer) => (layer.searched ? [`${layer.weight.bits}/${layer.activation.bits}`] : [])).join(" ");
}

function medianStep(events: readonly RunEvent[]): number {
  const speeds = events.flatMap((event) => (event.type === "snapshot" ? [event.snapshot.speed] : [])).sort((a, b) => a - b);
  return 1000 / (speeds[Math.floor(speeds.length / 2)] ?? NaN);
}
