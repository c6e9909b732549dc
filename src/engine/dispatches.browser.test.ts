/** What a whole training step costs in WebGPU dispatches: before a fast GPU, their number and not their arithmetic is its time. */
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS, withMethodDefaults, type RunConfig } from "../core/config";
import { openBackend, type OpenBackend } from "./backend";
import { createControl } from "./control";
import { generateGlyphs } from "./datasets/glyphs";
import { watchDispatches } from "./kernels/webgpu/count-dispatches";
import { emptyShaders } from "./kernels/webgpu/empty-shaders";
import { findMethod } from "./methods";
import { disposeStudy, openStudy, runStudy, trainTargets, type Study, type Surroundings } from "./study";

let backend: OpenBackend;
beforeAll(async () => {
  emptyShaders();
  backend = await openBackend("webgpu", { wasmPaths: null, threads: 1 });
});
afterAll(async () => {
  // A read-back comes after all errors.
  await tf.square(tf.tensor1d([1])).data();
  expect(backend.failure()).toBeNull();
});

/** Images for a few steps. */
const IMAGES = 64;
const GLYPHS = generateGlyphs(1);
const PIXELS = GLYPHS.info.height * GLYPHS.info.width * GLYPHS.info.channels;
const { images, labels } = GLYPHS.train;
const FEW = { images: images.subarray(0, IMAGES * PIXELS), labels: labels.subarray(0, IMAGES) };

/** Dispatches of one step on ResNet-20: what the loop records from one gate to the next, at the least, since some steps end in a snapshot. */
async function dispatchesPerStep(
  change: Partial<RunConfig>,
  run: (study: Study, surroundings: Surroundings) => Promise<unknown>,
): Promise<number> {
  const config = {
    ...DEFAULT_CONFIG,
    ...change,
    model: "resnet20",
    width: 16,
    batch: 8,
    epochs: 1,
    retrain: false,
    baselines: false,
  };
  const study = openStudy(config, { info: GLYPHS.info, train: FEW, test: FEW });
  const watch = watchDispatches();
  const counts: number[] = [];
  const inner = createControl(DEFAULT_KNOBS);
  const control = {
    ...inner,
    gate: (onHold?: () => Promise<void>) => {
      counts.push(watch.take().total);
      return inner.gate(onHold);
    },
  };
  await run(study, { backend: backend.info, backendFailure: backend.failure, control, emit: () => {} });
  watch.stop();
  disposeStudy(study);
  // A stage of fine-tuning may follow.
  const steps = IMAGES / config.batch;
  expect(counts.length % steps).toBe(0);
  const found = counts.slice(1, steps);
  expect(found.length).toBe(steps - 1);
  return Math.min(...found);
}

const search = (weightBits: readonly number[], activationBits: readonly number[]): Promise<number> =>
  dispatchesPerStep({ weightBits, activationBits }, runStudy);

test("a search step of ResNet-20 takes no more dispatches than is affordable, however many candidates there are", async () => {
  const few = await search([1, 2, 3, 4], [2, 3, 4]);
  expect(few).toBeLessThan(350);
  expect(await search([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8])).toBe(few);
  expect(await search([2, 3], [2, 3])).toBe(few);
});

test("neither does one with real bit-widths, a layer or a kernel each", async () => {
  const { defaults } = findMethod("fracbits");
  const base = { ...withMethodDefaults(DEFAULT_CONFIG, defaults, new Set()), method: "fracbits" };
  expect(await dispatchesPerStep(base, runStudy)).toBeLessThan(460);
  expect(await dispatchesPerStep({ ...base, options: { kernels: "kernel" } }, runStudy)).toBeLessThan(460);
});

test("neither does one in which eight schemes compete for the weights, five for the activations", async () => {
  expect(await dispatchesPerStep({ method: "autoqnn" }, runStudy)).toBeLessThan(560);
});

test.each([{ kind: "uniform", weightBits: 2, activationBits: 2 } as const, { kind: "float" } as const])(
  "neither does a step of %j",
  async (target) => {
    const count = await dispatchesPerStep({}, (study, surroundings) => trainTargets(study, [target], surroundings));
    expect(count).toBeLessThan(300);
  },
);
