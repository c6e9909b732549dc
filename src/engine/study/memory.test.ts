import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_KNOBS, withMethodDefaults, type RunConfig } from "../../core/config";
import type { Dataset } from "../../core/dataset";
import type { RunEvent } from "../../core/protocol";
import { openBackend, type OpenBackend } from "../backend";
import { createControl } from "../control";
import { builtInDataset } from "../datasets";
import { findMethod } from "../methods";
import { disposeStudy, memoryOf, openStudy, runStudy, type Study } from ".";
import { corners, TOY_CONFIG } from "./testing";

let backend: OpenBackend;
beforeAll(async () => {
  backend = await openBackend("wasm", { wasmPaths: null, threads: 1 });
});

function study(data: Dataset, change: Partial<RunConfig>): Study {
  const config = { ...TOY_CONFIG, epochs: 1, data: data.info.id, retrain: true, ...change };
  const own = new Set([...Object.keys(change), "retrain"] as (keyof RunConfig)[]);
  return openStudy(withMethodDefaults(config, findMethod(config.method).defaults, own), data);
}

const run = (opened: Study, info = backend.info, events: RunEvent[] = []): Promise<unknown> =>
  runStudy(opened, {
    backend: info,
    backendFailure: backend.failure,
    control: createControl(DEFAULT_KNOBS),
    emit: (event) => events.push(event),
  });

/** Few sequences of the built-in text. */
function fewSentences(): Dataset {
  const data = builtInDataset("sentences", 1);
  if (!("tokens" in data.train)) throw new Error("Sentences are no text.");
  const length = data.info.kind === "text" ? data.info.length : 0;
  const train = { tokens: data.train.tokens.slice(0, 128 * length), labels: data.train.labels.slice(0, 128 * length) };
  return { ...data, info: { ...data.info, trainCount: 128 }, train } as Dataset;
}

interface Allocator {
  _malloc: (bytes: number) => number;
  _free: (address: number) => void;
}

/** Largest number of bytes that are allocated at once while `work` runs. `tf.memory` counts twice what shares memory. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const wasm = (tf.backend() as unknown as { readonly wasm: Allocator }).wasm;
  // Each puts itself in place when it is called first.
  wasm._free(wasm._malloc(8));
  const { _malloc, _free } = wasm;
  const sizes = new Map<number, number>();
  let [now, peak] = [0, 0];
  wasm._malloc = (bytes) => {
    const address = _malloc(bytes);
    sizes.set(address >>> 0, bytes);
    peak = Math.max(peak, (now += bytes));
    return address;
  };
  wasm._free = (address) => {
    now -= sizes.get(address >>> 0) ?? 0;
    sizes.delete(address >>> 0);
    _free(address);
  };
  await work();
  Object.assign(wasm, { _malloc, _free });
  return peak;
}

/** Of the estimate over what was allocated; the allocator's own losses, a tenth, are in the estimate alone. */
const [LEAST, MOST] = [0.95, 1.3];

describe("the estimate is what a run takes", () => {
  test.each<[string, () => Dataset, Partial<RunConfig>]>([
    ["EdMIPS", corners, { width: 16, batch: 160 }],
    ["EdMIPS with parallel branches", corners, { width: 16, batch: 160, options: { branches: "parallel" } }],
    ["FracBits", corners, { width: 16, batch: 160, method: "fracbits" }],
    ["AutoQNN", corners, { width: 16, batch: 160, method: "autoqnn" }],
    ["EdMIPS on an LSTM", fewSentences, { model: "lstm-lm", width: 4, batch: 128 }],
  ])("%s", async (_, data, change) => {
    const opened = study(data(), change);
    const peak = await peakOf(() => run(opened));
    disposeStudy(opened);
    const ratio = memoryOf(opened, backend.info).bytes / peak;
    expect(ratio).toBeGreaterThan(LEAST);
    expect(ratio).toBeLessThan(MOST);
  });
});

test("what does not fit is refused before it starts, with what would", async () => {
  const opened = study(corners(), { width: 16, batch: 160 });
  const { bytes } = memoryOf(opened, backend.info);
  const small = { ...backend.info, memory: { ...backend.info.memory, total: bytes / 1.5 } };
  const events: RunEvent[] = [];
  const tensors = tf.memory().numTensors;
  await expect(run(opened, small, events)).rejects.toMatchObject({
    code: "memory",
    message: expect.stringMatching(/^This run would need about .* WASM has .*: .*width 8 would need/) as string,
  });
  expect(events).toEqual([]);
  expect(tf.memory().numTensors).toBe(tensors);
});
