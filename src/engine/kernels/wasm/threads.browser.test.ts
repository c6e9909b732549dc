import { expect, test } from "vitest";
import type { TrialResult } from "./testing.worker";

/** All kernels in a worker of their own. */
function trial(threads: number): Promise<TrialResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./testing.worker.ts", import.meta.url), { type: "module" });
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<TrialResult>) => {
      worker.terminate();
      resolve(data);
    };
    worker.postMessage(threads);
  });
}

test("three threads compute, and give what one gives, bit for bit", { timeout: 60_000 }, async () => {
  const one = await trial(1);
  const three = await trial(3);
  expect(crossOriginIsolated).toBe(true);
  expect([one.threads, one.threadFailure, one.tfjsThreads]).toEqual([1, null, 1]);
  expect([three.threads, three.threadFailure, three.tfjsThreads]).toEqual([3, null, 3]);
  expect(one.outputs.length).toBeGreaterThan(10);
  three.outputs.forEach((values, i) => {
    expect(values.length).toBe(one.outputs[i]!.length);
    expect(values.findIndex((value, j) => value !== one.outputs[i]![j])).toBe(-1);
  });
});
