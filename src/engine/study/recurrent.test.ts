/** Whole studies of an LSTM language model on a few generated sentences. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, withMethodDefaults, type RunConfig } from "../../core/config";
import type { TextDataset } from "../../core/dataset";
import type { RunEvent } from "../../core/protocol";
import { createRandom } from "../../core/random";
import { classificationData } from "../../core/text";
import { openBackend, type OpenBackend } from "../backend";
import { createControl } from "../control";
import { generateSentences } from "../datasets/sentences";
import { inspectLayer } from "../inspect-layer";
import { findMethod } from "../methods";
import { corners, eventsOf } from "./testing";
import { disposeStudy, openStudy, runStudy, trainTargets } from ".";

let backend: OpenBackend;
beforeAll(async () => {
  backend = await openBackend("wasm", { wasmPaths: null, threads: 1 });
});

const TEXT = generateSentences(1, { train: 128, test: 64 });

const CONFIG: RunConfig = {
  ...DEFAULT_CONFIG,
  ...{ data: "sentences", model: "lstm-lm", width: 2, epochs: 2, batch: 16, retrain: false, baselines: false },
};

const configured = (change: Partial<RunConfig>): RunConfig => {
  const config = { ...CONFIG, ...change };
  return withMethodDefaults(config, findMethod(config.method).defaults, new Set(["retrain"]));
};

async function play(
  change: Partial<RunConfig>,
  work: (...given: Parameters<typeof runStudy>) => Promise<unknown>,
  data: TextDataset = TEXT,
) {
  const events: RunEvent[] = [];
  const study = openStudy(configured(change), data);
  await work(study, {
    backend: backend.info,
    backendFailure: backend.failure,
    control: createControl(DEFAULT_KNOBS),
    emit: (event) => events.push(event),
  });
  disposeStudy(study);
  return { events, study };
}

test("a float language model learns the sentences: its perplexity falls far below the number of words", async () => {
  const before = tf.memory().numTensors;
  const { events } = await play({ width: 4, epochs: 8 }, (study, surroundings) =>
    trainTargets(study, [{ kind: "float" }], surroundings),
  );
  const { result } = eventsOf(events, "result").at(-1)!;
  expect(result.perplexity).toBeGreaterThan(1);
  expect(result.perplexity).toBeLessThan(TEXT.info.symbols.length / 3);
  expect(result.accuracy).toBeGreaterThan(0.2);
  const { samples } = eventsOf(events, "samples").at(-1)!;
  expect(samples.predictions).toHaveLength(samples.data.labels.length);
  expect(tf.memory().numTensors).toBe(before);
});

describe.each(["edmips", "fracbits", "autoqnn", "autoqnn-qpl", "autoqnn-pipeline"])("the method %s on an LSTM", (method) => {
  test("searches its gates, quantizes their input once, and frees everything", async () => {
    const before = tf.memory().numTensors;
    const { events, study } = await play({ method }, runStudy);
    expect(study.space.searched.map(({ name }) => name)).toEqual(["input", "forget", "cell", "output"].map((g) => `lstm1.${g}`));
    expect(tf.memory().numTensors).toBe(before);
    const relaxed = eventsOf(events, "snapshot").flatMap(({ snapshot }) => snapshot.relaxed ?? []);
    for (const { bits } of relaxed) expect(new Set([bits[1], bits[3], bits[5], bits[7]]).size).toBe(1);
    const { policy } = eventsOf(events, "derived").at(-1)!;
    const gates = policy.layers.filter(({ searched }) => searched);
    const inputs = gates.map(({ activation: { probabilities: _, ...rest } }) => JSON.stringify(rest));
    expect(new Set(inputs).size).toBe(1);
    expect(gates[1]!.activation).toMatchObject({ tensor: "lstm1.input.input" });
    expect(policy.totals.accuracy?.perplexity).toBeGreaterThan(1);
    for (const { perplexity } of eventsOf(events, "evaluated")) expect(perplexity).toBeLessThan(100);
  });
});

test("a classifier learns which word came first, and its quantized search does, too", async () => {
  const random = createRandom("reviews");
  const noise = (): string => Array.from({ length: 2 + random.integer(6) }, () => `w${random.integer(9)}`).join(" ");
  const texts = Array.from({ length: 400 }, () => {
    const label = ["good", "bad"][random.integer(2)] as string;
    return { text: `${label} ${noise()}`, label };
  });
  const data = classificationData(texts, { id: "imported", name: "Reviews" });
  const { events } = await play(
    { model: "lstm-classifier", method: "autoqnn", epochs: 10, batch: 20 },
    async (study, surroundings) => {
      await trainTargets(study, [{ kind: "float" }], surroundings);
      await runStudy(study, surroundings);
    },
    data,
  );
  const results = eventsOf(events, "result").map(({ result }) => result);
  expect(results.map(({ perplexity }) => perplexity)).toEqual([null, null]);
  for (const { accuracy } of results) expect(accuracy).toBeGreaterThan(0.9);
});

test("a gate can be looked at: its weights, and the input of all steps that the gates share", async () => {
  const data = TEXT;
  const study = openStudy(configured({ method: "autoqnn", epochs: 1 }), data);
  const surroundings = { backend: backend.info, backendFailure: backend.failure, control: createControl(DEFAULT_KNOBS) };
  await runStudy(study, { ...surroundings, emit: () => undefined });
  const { network, relaxation, space } = study.search!;
  const before = tf.memory().numTensors;
  const views = await Promise.all(
    ["lstm1.input", "lstm1.forget"].map((name) => inspectLayer(network, relaxation, data, space, name)),
  );
  expect(tf.memory().numTensors).toBe(before);
  disposeStudy(study);
  const count = (counts: Uint32Array): number => counts.reduce((sum, bin) => sum + bin, 0);
  for (const view of views) {
    expect(count(view!.weight.counts)).toBe((8 + 16) * 16);
    expect(count(view!.activation.counts)).toBe(32 * data.info.length * (8 + 16));
  }
  expect(views[0]!.activation).toEqual(views[1]!.activation);
  expect(views[0]!.weight).not.toEqual(views[1]!.weight);
});

test("a sampled policy has one choice for the input that gates share", async () => {
  const derive = { rule: "categorical", draws: 1, tries: 2 } as const;
  const { events } = await play({ method: "autoqnn", epochs: 1, derive }, runStudy);
  const { policy } = eventsOf(events, "derived").at(-1)!;
  const gates = policy.layers.filter(({ searched }) => searched);
  expect(new Set(gates.map(({ activation }) => activation.scheme)).size).toBe(1);
});

test("kernel-wise widths of the input are those of the joined channels", async () => {
  const { events } = await play({ method: "fracbits", options: { channels: "channel", kernels: "kernel" }, epochs: 1 }, runStudy);
  const { policy } = eventsOf(events, "derived").at(-1)!;
  const [first, second] = policy.layers.filter(({ searched }) => searched);
  expect(first!.activation.bits).toHaveLength(8 + 16);
  expect(second!.activation.bits).toEqual(first!.activation.bits);
  expect(first!.weight.bits).toHaveLength(16);
});

test("a network for other data is refused with those that fit", () => {
  expect(() => openStudy(configured({ model: "resnet8" }), TEXT)).toThrow(
    'ResNet-8 is made for images, and the data set "Sentences" is one for language modelling: choose LSTM language model, or other data.',
  );
  expect(() => openStudy(configured({}), corners())).toThrow(
    /LSTM language model is made for language modelling.*choose ResNet-8/,
  );
});
