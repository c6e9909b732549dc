/** A study of an LSTM on a graphics processor, in software: a few steps. */
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, withMethodDefaults } from "../../core/config";
import type { RunEvent } from "../../core/protocol";
import { openBackend } from "../backend";
import { createControl } from "../control";
import { generateSentences } from "../datasets/sentences";
import { findMethod } from "../methods";
import { eventsOf } from "./testing";
import { disposeStudy, openStudy, runStudy } from ".";

test("schemes are searched for a language model, and the decided network is trained on, without a leak or a complaint", async () => {
  const backend = await openBackend("webgpu", { wasmPaths: null, threads: 1 });
  const config = withMethodDefaults(
    {
      ...DEFAULT_CONFIG,
      ...{ data: "sentences", model: "lstm-lm", method: "autoqnn", width: 2, epochs: 2, batch: 16, baselines: false },
    },
    findMethod("autoqnn").defaults,
    new Set(),
  );
  const before = tf.memory().numTensors;
  const data = generateSentences(1, { train: 16, test: 8 });
  const study = openStudy(config, data);
  const events: RunEvent[] = [];
  await runStudy(study, {
    backend: backend.info,
    backendFailure: backend.failure,
    control: createControl(DEFAULT_KNOBS),
    emit: (event) => events.push(event),
  });
  disposeStudy(study);
  expect(backend.failure()).toBeNull();
  expect(tf.memory().numTensors).toBe(before);
  const perplexities = eventsOf(events, "evaluated").map(({ perplexity }) => perplexity!);
  expect(perplexities).toHaveLength(2);
  for (const perplexity of perplexities) {
    expect(perplexity).toBeGreaterThan(1);
    expect(perplexity).toBeLessThan(2 * data.info.symbols.length);
  }
});
