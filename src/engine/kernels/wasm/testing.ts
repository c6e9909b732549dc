/** Set-up and references for the tests of this folder. */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { attachWasmModule, registerWasmKernels } from "./index";

/** Makes the WASM backend with our kernels the current one. */
export async function useWasm(): Promise<void> {
  registerWasmKernels();
  await tf.setBackend("wasm");
  await tf.ready();
  await attachWasmModule(tf.backend() as BackendWasm, 1);
}

/** Runs `compute` on plain numbers on both backends; the results in the order it returns them. */
export async function onBoth(compute: () => tf.Tensor[]): Promise<{ wasm: Float32Array[]; cpu: Float32Array[]; leaked: number }> {
  await useWasm();
  const before = tf.memory().numTensors;
  const wasm = tf.tidy(() => compute().map((t) => t.dataSync().slice() as Float32Array));
  const leaked = tf.memory().numTensors - before;
  await tf.setBackend("cpu");
  const cpu = tf.tidy(() => compute().map((t) => t.dataSync().slice() as Float32Array));
  await useWasm();
  return { wasm, cpu, leaked };
}

/** Deterministic standard normal numbers. */
export function normal(count: number, seed: number): Float32Array {
  let state = seed >>> 0 || 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}

/** Largest difference, relative to the largest magnitude of the reference. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 1e-30;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i] ?? NaN));
    const d = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    difference = Number.isNaN(d) ? Infinity : Math.max(difference, d);
  }
  return difference / largest;
}
