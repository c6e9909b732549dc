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

test("on WebGPU the same seed gives the same bits, another seed others", { timeout: 180_000 }, async () => {
  const { label, variables } = await run({ backend: "webgpu", threads: 1, model: "resnet8", seeds: [1, 1, 2] });
  const [first, again, other] = variables;
  expect(label).toContain("WebGPU");
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test.each(["resnet8", "mobilenetv2"])(
  "on WASM the same seed gives the same bits for %s on any number of threads, another seed others",
  { timeout: 180_000 },
  async (model) => {
    const one = await run({ backend: "wasm", threads: 1, model, seeds: [1] });
    const three = await run({ backend: "wasm", threads: 3, model, seeds: [1, 1, 2] });
    expect([one.label, three.label]).toEqual(["WASM: SIMD, 1 thread", "WASM: SIMD, 3 threads"]);
    const [first, again, other] = three.variables;
    expect(again).toEqual(first);
    expect(one.variables[0]).toEqual(first);
    expect(other).not.toEqual(first);
  },
);
