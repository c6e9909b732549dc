/** Whole runs on WebGPU repeat bit for bit. On WASM, `study.test.ts` and `kernels/wasm/threads.browser.test.ts` say so. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../core/config";
import type { Dataset } from "../core/dataset";
import { createRandom } from "../core/random";
import { openBackend, type OpenBackend } from "./backend";
import { createControl } from "./control";
import { disposeStudy, openStudy, runStudy } from "./study";

let backend: OpenBackend;
beforeAll(async () => {
  backend = await openBackend("webgpu", { wasmPaths: null, threads: 1 });
});
afterAll(() => expect(backend.failure()).toBeNull());

const STEPS = 6;
const BATCH = 4;

/** Noise, one class for each brightness. */
function noise(): Dataset {
  const random = createRandom("noise");
  const labels = Uint8Array.from({ length: STEPS * BATCH }, (_, i) => i % 3);
  const images = Uint8Array.from({ length: labels.length * 64 }, (_, i) => random.integer(80) + 80 * labels[i >> 6]!);
  const split = { images, labels };
  const counts = { trainCount: labels.length, testCount: labels.length };
  const info = { id: "noise", name: "Noise", classes: ["a", "b", "c"], height: 8, width: 8, channels: 1, ...counts };
  return { info, train: split, test: split };
}

/** A search of a few steps; gives all its variables as they are in the end. */
async function search(seed: number): Promise<readonly number[][]> {
  const config = {
    ...DEFAULT_CONFIG,
    width: 4,
    batch: BATCH,
    epochs: 1,
    seed,
    shift: true,
    flip: true,
    retrain: false,
    baselines: false,
  };
  const study = openStudy(config, noise());
  await runStudy(study, {
    backend: backend.info,
    backendFailure: backend.failure,
    control: createControl(DEFAULT_KNOBS),
    emit: () => {},
  });
  const { network, relaxation } = study.search!;
  const variables = [...network.trainable.values(), ...network.running.values(), ...relaxation.architecture.values()];
  const values = await Promise.all(variables.map(async (variable) => [...(await variable.data())]));
  disposeStudy(study);
  return values;
}

test("the same seed gives the same bits, another seed others", { timeout: 120_000 }, async () => {
  const first = await search(1);
  expect(first.flat().every(Number.isFinite)).toBe(true);
  expect(await search(1)).toEqual(first);
  expect(await search(2)).not.toEqual(first);
});
