/** One SGD step with momentum. */
import type * as tf from "@tensorflow/tfjs-core";
import { KERNELS, type SgdAttrs } from "../contract";
import { CHUNK, SGD } from "./kernel-ids";
import { address, input, output, register, sizeOf, type Call } from "./register";

export function registerSgd(): void {
  register(KERNELS.sgdMomentum, sgdMomentum);
}

/** Gives new tensors: XNNPACK caches a packed copy of each filter tensor, so writing one in place would go unnoticed. */
function sgdMomentum(call: Call<SgdAttrs>): tf.TensorInfo[] {
  const p = input(call, "p");
  const n = sizeOf(p);
  const [newP, newV] = [output(call, p.shape), output(call, p.shape)];
  const tensors = [p, input(call, "v"), input(call, "g"), newP, newV].map((tensor) => address(call, tensor));
  const { rate, momentum, weightDecay, nesterov } = call.attrs;
  call.module.run(SGD, Math.ceil(n / CHUNK), [...tensors, n, nesterov ? 1 : 0], [rate, momentum, weightDecay]);
  return [newP, newV];
}
