/** Mixtures of quantized weights and activations, and their gradients. */
import type * as tf from "@tensorflow/tfjs-core";
import { KERNELS } from "../contract";
import { CHUNK, MIX, MIX_GRAD, SQUARED_DEVIATION, SUM } from "./kernel-ids";
import { address, input, output, register, sizeOf, type Call } from "./register";

export function registerMixtures(): void {
  register(KERNELS.mixWeight, mixWeight);
  register(KERNELS.mixWeightGrad, mixWeightGrad);
  register(KERNELS.mixActivation, (call) => mix(call, 0));
  register(KERNELS.mixActivationGrad, mixActivationGrad);
}

function mixWeight(call: Call<unknown>): tf.TensorInfo[] {
  const scale = output(call, [1]);
  const { float32 } = call.module.views();
  float32[address(call, scale) >>> 2] = standardDeviation(call, input(call, "x"));
  return [mix(call, address(call, scale)), scale];
}

function mix(call: Call<unknown>, scale: number): tf.TensorInfo {
  const x = input(call, "x");
  const p = input(call, "p");
  const y = output(call, x.shape);
  const n = sizeOf(x);
  const tensors = [x, y, input(call, "grid"), p].map((tensor) => address(call, tensor));
  call.module.run(MIX, chunksOf(n), [...tensors, scale, n, sizeOf(p)]);
  return y;
}

/** Sample standard deviation (N - 1), summed in float64 about the mean; 0 for a single element. */
export function standardDeviation(call: Call<unknown>, x: tf.TensorInfo): number {
  const n = sizeOf(x);
  const chunks = chunksOf(n);
  const partials = call.module.scratch(8 * chunks);
  call.module.run(SUM, chunks, [address(call, x), n, partials]);
  return deviationAround(call, x, total(call.module.views().float64, partials, chunks) / n);
}

/** The same where the mean is known. */
export function deviationAround(call: Call<unknown>, x: tf.TensorInfo, mean: number): number {
  const n = sizeOf(x);
  const chunks = chunksOf(n);
  const at = call.module.scratch(8 * (chunks + 1));
  const { float64 } = call.module.views();
  float64[at >>> 3] = mean;
  call.module.run(SQUARED_DEVIATION, chunks, [address(call, x), n, at + 8]);
  return Math.sqrt(total(float64, at + 8, chunks) / Math.max(1, n - 1));
}

function total(float64: Float64Array, at: number, count: number): number {
  return float64.subarray(at >>> 3, (at >>> 3) + count).reduce((sum, value) => sum + value, 0);
}

function mixWeightGrad(call: Call<unknown>): tf.TensorInfo {
  return mixGrad(call, null, address(call, input(call, "scale")), true);
}

function mixActivationGrad(call: Call<{ readonly learned: boolean }>): tf.TensorInfo[] {
  const dx = output(call, input(call, "x").shape);
  return [dx, mixGrad(call, dx, 0, call.attrs.learned)];
}

/** Writes `dx` where one is wanted and gives dp, zeros unless `learned`. */
function mixGrad(call: Call<unknown>, dx: tf.TensorInfo | null, scale: number, learned: boolean): tf.TensorInfo {
  const { module } = call;
  const x = input(call, "x");
  const grid = input(call, "grid");
  const candidates = grid.shape[0] ?? 0;
  const n = sizeOf(x);
  const chunks = chunksOf(n);
  const dp = output(call, [candidates]);
  const partials = learned ? module.scratch(8 * chunks * candidates) : 0;
  const tensors = [x, input(call, "dy"), dx, grid, call.inputs["p"] ?? null];
  const addresses = tensors.map((tensor) => (tensor === null ? 0 : address(call, tensor)));
  module.run(MIX_GRAD, chunks, [...addresses, scale, n, candidates, partials]);
  const { float32, float64 } = module.views();
  for (let k = 0; k < candidates; k++) {
    let sum = 0;
    for (let chunk = 0; learned && chunk < chunks; chunk++) sum += float64[(partials >>> 3) + chunk * candidates + k] ?? 0;
    float32[(address(call, dp) >>> 2) + k] = sum;
  }
  return dp;
}

function chunksOf(n: number): number {
  return Math.ceil(n / CHUNK);
}
