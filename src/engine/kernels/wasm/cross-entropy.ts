/** Softmax cross-entropy. A few thousand numbers a step: plain TypeScript over the heap is fast enough and has float64. */
import type * as tf from "@tensorflow/tfjs-core";
import { KERNELS } from "../contract";
import { address, input, output, register, type Call } from "./register";

export function registerCrossEntropy(): void {
  register(KERNELS.crossEntropy, crossEntropy);
}

function crossEntropy(call: Call<unknown>): tf.TensorInfo[] {
  const logits = input(call, "logits");
  const [rows = 0, classes = 0] = logits.shape;
  const [loss, correct, dLogits] = [output(call, []), output(call, []), output(call, logits.shape)];
  const { float32, int32 } = call.module.views();
  const labels = address(call, input(call, "labels")) >>> 2;
  const gradients = address(call, dLogits) >>> 2;
  let lossSum = 0;
  let hits = 0;
  for (let row = 0; row < rows; row++) {
    const at = (address(call, logits) >>> 2) + row * classes;
    const label = int32[labels + row] ?? 0;
    const values = float32.subarray(at, at + classes);
    const best = values.reduce((first, value, c) => (value > (values[first] ?? 0) ? c : first), 0);
    const largest = values[best] ?? 0;
    const sum = values.reduce((partial, value) => partial + Math.exp(value - largest), 0);
    lossSum += Math.log(sum) + largest - (values[label] ?? 0);
    if (best === label) hits++;
    values.forEach((value, c) => {
      float32[gradients + row * classes + c] = (Math.exp(value - largest) / sum - (c === label ? 1 : 0)) / rows;
    });
  }
  float32[address(call, loss) >>> 2] = lossSum / rows;
  float32[address(call, correct) >>> 2] = hits;
  return [loss, correct, dLogits];
}
