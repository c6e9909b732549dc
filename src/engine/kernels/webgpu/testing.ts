/** What the tests of this folder share: both backends open, seeded data, comparison with the CPU's reference kernels. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { expect } from "vitest";
import { createRandom } from "../../../core/random";
import { registerCpuKernels } from "../cpu";
import { openWebGpu } from "./device";
import { registerWebGpuKernels } from "./index";

/** What the device complained of: every test file must find it empty at its end. */
export const failures: string[] = [];

export async function openBackends(): Promise<void> {
  registerCpuKernels();
  registerWebGpuKernels();
  await openWebGpu((message) => failures.push(message));
  await tf.setBackend("webgpu");
}

export function webGpu(): WebGPUBackend {
  return tf.findBackend("webgpu") as WebGPUBackend;
}

export interface Tolerance {
  readonly abs: number;
  readonly rel: number;
}

const CLOSE: Tolerance = { abs: 1e-5, rel: 1e-5 };

/** Runs `compute` on WebGPU and on the CPU, and expects the same numbers. Each call makes its own inputs. */
export async function expectSameAsCpu(compute: () => tf.Tensor | tf.Tensor[], tolerance: Tolerance = CLOSE): Promise<void> {
  const actual = await runOn("webgpu", compute);
  const expected = await runOn("cpu", compute);
  expect(failures).toEqual([]);
  expect(actual.length).toBe(expected.length);
  actual.forEach((values, i) => expectClose(values, expected[i] ?? [], tolerance));
}

/** The values of all tensors that `compute` gives on a backend, which stays "webgpu" afterwards. */
export async function runOn(backend: string, compute: () => tf.Tensor | tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const tensors = [tf.tidy(compute)].flat();
  const values = await Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data())));
  tf.dispose(tensors);
  await tf.setBackend("webgpu");
  return values;
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, { abs, rel }: Tolerance): void {
  expect(actual.length).toBe(expected.length);
  const wrong = Array.from(expected, (want, i) => ({ i, want, got: actual[i] ?? NaN })).filter(
    ({ want, got }) => !(Math.abs(got - want) <= abs + rel * Math.abs(want)),
  );
  expect(wrong.slice(0, 5), `${wrong.length} of ${expected.length} differ`).toEqual([]);
}

/** Seeded values of a standard normal distribution; the same for one seed wherever they are asked for. */
export function normal(shape: number[], seed: number, mean = 0, deviation = 1): tf.Tensor {
  return tf.tensor(normalValues(tf.util.sizeFromShape(shape), seed, mean, deviation), shape, "float32");
}

function normalValues(size: number, seed: number, mean = 0, deviation = 1): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: size }, () => mean + deviation * random.normal());
}
