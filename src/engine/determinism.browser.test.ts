/** Whole searches repeat bit for bit. */
import { expect, test } from "vitest";
import type { Trial, TrialResult } from "./determinism.worker";

function run(trial: Trial): Promise<TrialResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./determinism.worker.ts", import.meta.url), { type: "module" });
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<TrialResult>) => {
      worker.terminate();
      expect(data.failure).toBeNull();
      expect(data.variables.flat().every((values) => values.every(Number.isFinite))).toBe(true);
      resolve(data);
    };
    worker.postMessage(trial);
  });
}

const seeds = (...all: number[]): Trial["runs"] => all.map((seed) => ({ seed }));

test("on WebGPU the same seed gives the same bits, another seed others", { timeout: 180_000 }, async () => {
  const { label, variables } = await run({ backend: "webgpu", threads: 1, model: "resnet8", runs: seeds(1, 1, 2) });
  const [first, again, other] = variables;
  expect(label).toContain("WebGPU");
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test.each(["resnet8", "mobilenetv2"])(
  "on WASM the same seed gives the same bits for %s on any number of threads, another seed others",
  { timeout: 180_000 },
  async (model) => {
    const one = await run({ backend: "wasm", threads: 1, model, runs: seeds(1) });
    const three = await run({ backend: "wasm", threads: 3, model, runs: seeds(1, 1, 2) });
    expect([one.label, three.label]).toEqual(["WASM: SIMD, 1 thread", "WASM: SIMD, 3 threads"]);
    const [first, again, other] = three.variables;
    expect(again).toEqual(first);
    expect(one.variables[0]).toEqual(first);
    expect(other).not.toEqual(first);
  },
);

test("repeated recordings train as the steps themselves do, whatever the method", { timeout: 300_000 }, async () => {
  const methods: readonly Trial["runs"][number][] = [
    { seed: 1, method: "edmips" },
    { seed: 1, method: "edmips", options: { optimisation: "alternating", control: "target" } },
    { seed: 1, method: "fracbits", options: { interpolation: "gumbel", kernels: "kernel" } },
    { seed: 1, method: "autoqnn" },
    { seed: 1, method: "autoqnn-qpl" },
  ];
  const runs = methods.flatMap((one) => [{ ...one, plain: true }, one]);
  const { variables, ran } = await run({ backend: "webgpu", threads: 1, model: "resnet8", runs });
  methods.forEach((_, i) => {
    expect(variables[2 * i + 1]).toEqual(variables[2 * i]);
    // Of the six steps in each of its trainings some warm up and are recorded.
    expect(ran[2 * i + 1]).toBeLessThanOrEqual((4 / 6) * ran[2 * i]!);
  });
});
