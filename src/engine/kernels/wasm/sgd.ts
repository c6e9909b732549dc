/** One SGD step with momentum for many parameters. */
import type * as tf from "@tensorflow/tfjs-core";
import { KERNELS, type SgdMomentumAttrs } from "../contract";
import { CHUNK, SGD } from "./kernel-ids";
import { address, input, output, register, sizeOf, type Call } from "./register";

export function registerSgd(): void {
  register(KERNELS.sgdMomentum, sgdMomentum);
}

/**
 * The velocity stays where it is. Parameters get new tensors: XNNPACK caches a packed copy of each depthwise filter, so writing one in
 * place would go unnoticed.
 */
function sgdMomentum(call: Call<SgdMomentumAttrs>): tf.TensorInfo[] {
  const { momentum, nesterov, offsets, weightDecays } = call.attrs;
  const [rate] = call.backend.readSync(input(call, "rate").dataId);
  const velocity = input(call, "velocity");
  const parameters = offsets.map((offset, i) => {
    const p = input(call, `p${i}`);
    const n = sizeOf(p);
    const newP = output(call, p.shape);
    const v = address(call, velocity) + 4 * offset;
    const ints = [address(call, p), v, address(call, input(call, `g${i}`)), address(call, newP), v, n, nesterov ? 1 : 0];
    call.module.run(SGD, Math.ceil(n / CHUNK), ints, [rate as number, momentum, weightDecays[i] as number]);
    return newP;
  });
  call.backend.incRef(velocity.dataId);
  const { dataId, shape, dtype } = velocity;
  return [{ dataId, shape, dtype }, ...parameters];
}
