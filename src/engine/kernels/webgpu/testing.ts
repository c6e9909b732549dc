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

/**
 * From now on every shader does nothing, so that no test waits for its compilation. Results are rubbish, but commands are recorded and
 * validated as ever: enough to count them.
 */
export function emptyShaders(): void {
  const device = GPUDevice.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the device as `this` below.
  const { createShaderModule, createComputePipeline } = device;
  const layouts = new WeakMap<GPUShaderModule, GPUBindGroupLayoutEntry[]>();
  device.createShaderModule = function (descriptor) {
    const module = createShaderModule.call(this, { code: EMPTY });
    const bindings = [...descriptor.code.matchAll(/@binding\((\d+)\) var<(storage, read_write|storage, read|uniform)>/g)];
    const entries = bindings.map(([, binding, access]) => {
      const type = BINDING_TYPES[access as keyof typeof BINDING_TYPES];
      return { binding: Number(binding), visibility: GPUShaderStage.COMPUTE, buffer: { type } };
    });
    layouts.set(module, entries);
    return module;
  };
  device.createComputePipeline = function (descriptor) {
    if (descriptor.layout !== "auto") return createComputePipeline.call(this, descriptor);
    // A layout made from an empty shader would have no bindings.
    const entries = layouts.get(descriptor.compute.module) ?? [];
    const layout = this.createPipelineLayout({ bindGroupLayouts: [this.createBindGroupLayout({ entries })] });
    return createComputePipeline.call(this, { ...descriptor, layout });
  };
}

/** With the entry points of our kernels and of the stock ones. */
const EMPTY = "@compute @workgroup_size(1) fn main() {} @compute @workgroup_size(1) fn _start() {}";
const BINDING_TYPES = {
  "storage, read": "read-only-storage",
  "storage, read_write": "storage",
  uniform: "uniform",
} as const;
