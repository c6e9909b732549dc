/**
 * The README's results tables: float, uniform and searched networks on real data, several seeds, through the same engine as the page.
 *
 *     npm run bench:results -- --data PATH --epochs N [--method edmips] [--knob lambda] [--values 0.0005,0.001] [--seeds 1,2,3]
 *         [--model resnet8] [--width 16] [--uniform 1/2,2/2,3/3,4/4] [--float 1] [--variants "FracBits;FracBits-SAT rescale=all"]
 *         [--flip 1] [--unit word] [--lr X] [--lra X] [--batch N] [--out FILE]
 *
 * `--values` are those of the knob, `--variants` names with the method's options. One JSON line for each training. A policy that equals
 * one already trained with the same seed and options is not trained again: the same configuration and seed give the same numbers.
 */
import { appendFileSync } from "node:fs";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, KNOBS, withMethodDefaults, type Knobs, type RunConfig } from "../src/core/config";
import { meanBits, type Bits } from "../src/core/search";
import type { RunEvent, TrainResult, TrainTarget } from "../src/core/protocol";
import { parseArguments } from "../src/cli/arguments";
import { openNodeBackend } from "../src/cli/backend";
import { openData } from "../src/cli/data";
import { createControl } from "../src/engine/control";
import { findMethod } from "../src/engine/methods";
import { disposeStudy, openStudy, runStudy, trainTargets } from "../src/engine/study";

const { flags } = parseArguments(process.argv.slice(2), []);
const text = (name: string, fallback: string): string => flags.get(name) ?? fallback;
const list = (name: string, fallback: string): readonly number[] => text(name, fallback).split(",").map(Number);

const method = findMethod(text("method", "edmips"));
const knob = text("knob", method.knobs[0]?.knob ?? "lambda") as keyof Knobs;
if (!(knob in KNOBS)) throw new RangeError(`--knob ${knob}: it must be one of ${Object.keys(KNOBS).join(", ")}.`);

interface Variant {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
  /** Of the weights, where not the method's own. */
  readonly weightBits: readonly number[] | null;
}

const variants = text("variants", method.label).split(";").filter(Boolean).map(variantOf);
const backend = await openNodeBackend("wasm");

interface Row {
  readonly data: string;
  readonly model: string;
  readonly seed: number;
  readonly label: string;
  readonly value: number | null;
  readonly accuracy: number;
  /** Of a language model, for each character or word; as the accuracies, of the trained and of the relaxed network. */
  readonly perplexity: number | null;
  readonly relaxedPerplexity: number | null;
  readonly relaxed: number | null;
  readonly bits: number;
  readonly bitOps: number;
  readonly weightBytes: number;
  /** Milliseconds per training step, median of the snapshots; of the search for a searched policy. */
  readonly msPerStep: number;
  readonly seconds: number;
  readonly policy: string;
}

interface Trained {
  readonly result: TrainResult;
  readonly msPerStep: number;
  readonly relaxed: Pick<TrainResult, "accuracy" | "perplexity"> | null;
}

for (const seed of list("seeds", "1,2,3")) {
  const dataset = await openData(text("data", "glyphs"), { ...DEFAULT_CONFIG, seed, unit: unitOf(text("unit", "character")) });
  const base: RunConfig = {
    ...withMethodDefaults(DEFAULT_CONFIG, method.defaults, new Set()),
    data: dataset.info.id,
    method: method.id,
    model: text("model", "resnet8"),
    width: Number(text("width", "16")),
    epochs: Number(text("epochs", "12")),
    batch: Number(text("batch", String(DEFAULT_CONFIG.batch))),
    shift: text("shift", "0") === "1",
    flip: text("flip", "0") === "1",
    seed,
    retrain: false,
    baselines: false,
  };
  const rates = (flag: string, key: "architectureRate" | "weightRate"): Partial<RunConfig> =>
    flags.has(flag) ? { [key]: Number(flags.get(flag)) } : {};
  const common: RunConfig = { ...base, ...rates("lra", "architectureRate"), ...rates("lr", "weightRate") };
  const write = (label: string, value: number | null, { result, msPerStep, relaxed }: Trained): void => {
    const { averageBits, bitOps, weightBytes } = result.totals;
    const row: Row = {
      data: dataset.info.name,
      model: common.model,
      seed,
      label,
      value,
      accuracy: result.accuracy,
      perplexity: result.perplexity,
      relaxedPerplexity: relaxed?.perplexity ?? null,
      relaxed: relaxed?.accuracy ?? null,
      bits: averageBits,
      bitOps,
      weightBytes,
      msPerStep,
      seconds: result.seconds,
      policy: result.policy ? bitsText(result.policy) : "",
    };
    const line = JSON.stringify(row);
    console.log(line);
    const out = flags.get("out");
    if (out !== undefined) appendFileSync(out, `${line}\n`);
  };
  const known = new Map<string, Trained>();
  const train = async (config: RunConfig, target: TrainTarget): Promise<Trained> => {
    const key = `${JSON.stringify(config.options)} ${target.kind === "policy" ? bitsText(target.policy) : JSON.stringify(target)}`;
    const before = known.get(key);
    if (before) return before;
    const trained = await play((study, surroundings) => trainTargets(study, [target], surroundings), config, DEFAULT_KNOBS);
    known.set(key, trained);
    if (trained.result.policy) known.set(`${JSON.stringify(config.options)} ${bitsText(trained.result.policy)}`, trained);
    return trained;
  };
  const play = async (
    work: (...args: Parameters<typeof runStudy>) => Promise<unknown>,
    config: RunConfig,
    knobs: Knobs,
  ): Promise<Trained> => {
    const events: RunEvent[] = [];
    const study = openStudy(config, dataset);
    await work(study, {
      backend: backend.info,
      backendFailure: backend.failure,
      control: createControl(knobs),
      emit: (event) => events.push(event),
    });
    disposeStudy(study);
    const relaxed = events.flatMap((event) => (event.type === "evaluated" && event.label === "relaxed" ? [event] : []));
    const results = events.flatMap((event) => (event.type === "result" ? [event.result] : []));
    const policy = events.flatMap((event) => (event.type === "derived" ? [event.policy] : []))[0];
    // A method that does not train its policy on has it trained from scratch, as published.
    const result = results.at(-1) ?? (policy && (await train(config, { kind: "policy", policy, from: "scratch" })).result);
    if (!result) throw new Error("The run gave no result.");
    return { result, msPerStep: medianStep(events), relaxed: relaxed.at(-1) ?? null };
  };

  if (text("float", "1") === "1") write("Float", null, await train(common, { kind: "float" }));
  for (const pair of text("uniform", "1/2,2/2,3/3,4/4").split(",").filter(Boolean)) {
    const [weightBits, activationBits] = pair.split("/").map(Number) as [number, number];
    const trained = await train(common, { kind: "uniform", weightBits, activationBits });
    write(trained.result.label, null, trained);
  }
  for (const { name, options, weightBits } of variants) {
    for (const value of list("values", "0.0005,0.001,0.002")) {
      const config = { ...common, options, ...(weightBits && { weightBits }) };
      write(name, value, await play(runStudy, config, { ...DEFAULT_KNOBS, [knob]: value }));
    }
  }
}

function unitOf(name: string): RunConfig["unit"] {
  if (name !== "character" && name !== "word") throw new RangeError(`--unit ${name}: it must be character or word.`);
  return name;
}

/** "FracBits-K kernels=kernel wbits=0-8": a name, options of the method, and the range of the weight bits. */
function variantOf(words: string): Variant {
  const [name = "", ...settings] = words.trim().split(/\s+/);
  const pairs = settings.map((setting) => setting.split("=") as [string, string]);
  const range = pairs
    .find(([key]) => key === "wbits")?.[1]
    .split("-")
    .map(Number);
  return {
    name,
    options: Object.fromEntries(pairs.filter(([key]) => key !== "wbits")),
    weightBits: range
      ? Array.from({ length: (range[1] as number) - (range[0] as number) + 1 }, (_, i) => (range[0] as number) + i)
      : null,
  };
}

/** "1/2 4/4 ...": weight and activation bits of the searched layers, means where kernels differ. */
function bitsText(policy: NonNullable<TrainResult["policy"]>): string {
  const bits = (value: Bits): string => (typeof value === "number" ? String(value) : meanBits(value).toFixed(2));
  return policy.layers
    .flatMap((layer) => (layer.searched ? [`${bits(layer.weight.bits)}/${bits(layer.activation.bits)}`] : []))
    .join(" ");
}

function medianStep(events: readonly RunEvent[]): number {
  const speeds = events.flatMap((event) => (event.type === "snapshot" ? [event.snapshot.speed] : [])).sort((a, b) => a - b);
  return 1000 / (speeds[Math.floor(speeds.length / 2)] ?? NaN);
}
