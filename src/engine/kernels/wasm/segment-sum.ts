/** Sums of the rows that share a segment: the gradient of `gather`. */
import * as tf from "@tensorflow/tfjs-core";
import { address, input, output, register, sizeOf, type Call } from "./register";

export function registerSegmentSum(): void {
  register(tf.UnsortedSegmentSum, (call: Call<tf.UnsortedSegmentSumAttrs>) => {
    const [x, segmentIds] = [input(call, "x"), input(call, "segmentIds")];
    const { numSegments } = call.attrs;
    const count = sizeOf(segmentIds);
    const width = sizeOf(x) / count;
    const out = output(call, [numSegments, ...x.shape.slice(segmentIds.shape.length)]);
    const { float32, int32 } = call.module.views();
    const [from, ids, to] = [x, segmentIds, out].map((tensor) => address(call, tensor) >>> 2) as [number, number, number];
    float32.fill(0, to, to + numSegments * width);
    for (let row = 0; row < count; row++) {
      const segment = int32[ids + row] ?? -1;
      // As on the other backends, rows of no segment are dropped.
      if (segment < 0 || segment >= numSegments) continue;
      for (let i = 0; i < width; i++) {
        const at = to + segment * width + i;
        float32[at] = (float32[at] ?? 0) + (float32[from + row * width + i] ?? 0);
      }
    }
    return out;
  });
}
