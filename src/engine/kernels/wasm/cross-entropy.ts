/** Softmax cross-entropy. A few thousand numbers a step, millions for a language model of words: TypeScript over the heap has float64. */
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
  const exponentials = new Float64Array(classes);
  let lossSum = 0;
  let hits = 0;
  for (let row = 0; row < rows; row++) {
    const at = (address(call, logits) >>> 2) + row * classes;
    const label = int32[labels + row] ?? 0;
    let best = at;
    for (let i = at + 1; i < at + classes; i++) if ((float32[i] as number) > (float32[best] as number)) best = i;
    const largest = float32[best] as number;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += exponentials[c] = Math.exp((float32[at + c] as number) - largest);
    lossSum += Math.log(sum) + largest - (float32[at + label] ?? 0);
    if (best - at === label) hits++;
    const to = gradients + row * classes;
    for (let c = 0; c < classes; c++) float32[to + c] = (exponentials[c] as number) / sum / rows;
    // A label of no class would write beyond the row.
    if (label >= 0 && label < classes) float32[to + label] = ((exponentials[label] as number) / sum - 1) / rows;
  }
  float32[address(call, loss) >>> 2] = lossSum / rows;
  float32[address(call, correct) >>> 2] = hits;
  return [loss, correct, dLogits];
}
