import { CHUNK } from "../kernel-ids";
import { float, int, pointer } from "./arguments";
import { loadLanes, storeLanes } from "./lanes";

/**
 * Momentum step, in PyTorch's order. ints: p, v, g, newP, newV, n, nesterov; floats: rate, momentum, weightDecay.
 */
export function sgd(job: usize, chunk: i32): void {
  const rate = f32x4.splat(float(job, 0));
  const momentum = f32x4.splat(float(job, 1));
  const decay = f32x4.splat(float(job, 2));
  const nesterov = int(job, 6) != 0;
  const end = min(int(job, 5), (chunk + 1) * CHUNK);
  for (let i = chunk * CHUNK; i < end; i += 4) {
    const offset = (<usize>i) << 2;
    const rest = end - i;
    const whole = rest >= 4;
    const pAt = pointer(job, 0) + offset;
    const vAt = pointer(job, 1) + offset;
    const gAt = pointer(job, 2) + offset;
    const p = whole ? v128.load(pAt) : loadLanes(pAt, rest);
    const v = whole ? v128.load(vAt) : loadLanes(vAt, rest);
    const g = f32x4.add(whole ? v128.load(gAt) : loadLanes(gAt, rest), f32x4.mul(decay, p));
    const newV = f32x4.add(f32x4.mul(momentum, v), g);
    const step = nesterov ? f32x4.add(g, f32x4.mul(momentum, newV)) : newV;
    const newP = f32x4.sub(p, f32x4.mul(rate, step));
    if (whole) {
      v128.store(pointer(job, 3) + offset, newP);
      v128.store(pointer(job, 4) + offset, newV);
    } else {
      storeLanes(pointer(job, 3) + offset, newP, rest);
      storeLanes(pointer(job, 4) + offset, newV, rest);
    }
  }
}
