/** Softmax cross-entropy with its gradient and the number of right answers: two dispatches. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { dispatch } from "./dispatch";
import { columnSums, LANES, MAIN } from "./wgsl";

/** -> [loss, correct, dLogits], see contract.ts. */
export function crossEntropy(backend: WebGPUBackend, { logits, labels }: Record<"logits" | "labels", TensorInfo>): TensorInfo[] {
  const [rows, classes] = logits.shape as [number, number];
  const dLogits = backend.makeTensorInfo([rows, classes], "float32");
  const perRow = backend.makeTensorInfo([rows, 2], "float32");
  dispatch(backend, {
    key: `crossEntropyRows_${classes}`,
    shader: () => ({
      inputs: ["logits: f32", "labels: i32"],
      outputs: ["dLogits: f32", "perRow: vec2f"],
      code: eachRow(classes),
    }),
    inputs: [logits, labels],
    outputs: [dLogits, perRow],
    workgroups: [Math.min(rows, MOST_GROUPS), 1, 1],
  });

  const loss = backend.makeTensorInfo([], "float32");
  const correct = backend.makeTensorInfo([], "float32");
  dispatch(backend, {
    key: "crossEntropyTotals",
    shader: () => ({ inputs: ["perRow: vec2f"], outputs: ["loss: f32", "correct: f32"], code: totals }),
    inputs: [perRow],
    outputs: [loss, correct],
    workgroups: [1, 1, 1],
  });
  backend.disposeData(perRow.dataId);
  return [loss, correct, dLogits];
}

/** Below the 65535 workgroups that every device accepts in one dimension. */
const MOST_GROUPS = 32768;

/** One workgroup a row: the largest logit and the first place that has it, the sum of exponentials, then the gradient. */
const eachRow = (classes: number) => `
const CLASSES = ${classes}u;
var<workgroup> largest: array<f32, ${LANES}>;
var<workgroup> place: array<u32, ${LANES}>;
${columnSums(1, 1)}
${MAIN} {
  let rows = arrayLength(&labels);
  for (var row = group.x; row < rows; row += groups.x) {
    let begin = row * CLASSES;
    var best = logits[begin + min(lane, CLASSES - 1u)];
    var at = lane;
    for (var c = lane; c < CLASSES; c += ${LANES}u) {
      if (logits[begin + c] > best) { best = logits[begin + c]; at = c; }
    }
    workgroupBarrier();
    largest[lane] = best;
    place[lane] = at;
    workgroupBarrier();
    for (var stride = ${LANES / 2}u; stride > 0u; stride >>= 1u) {
      if (lane < stride) {
        let other = lane + stride;
        if (largest[other] > largest[lane] || (largest[other] == largest[lane] && place[other] < place[lane])) {
          largest[lane] = largest[other];
          place[lane] = place[other];
        }
      }
      workgroupBarrier();
    }
    let top = largest[0];
    var sum = 0.0;
    for (var c = lane; c < CLASSES; c += ${LANES}u) { sum += exp(logits[begin + c] - top); }
    let total = columnSums(array<f32, 1>(sum), lane)[0];
    let label = u32(labels[row]);
    for (var c = lane; c < CLASSES; c += ${LANES}u) {
      dLogits[begin + c] = (exp(logits[begin + c] - top) / total - select(0.0, 1.0, c == label)) / f32(rows);
    }
    if (lane == 0u) {
      perRow[row] = vec2f(log(total) + top - logits[begin + label], select(0.0, 1.0, place[0] == label));
    }
  }
}`;

const totals = `
${columnSums(2, 1)}
${MAIN} {
  let rows = arrayLength(&perRow);
  var sum = vec2f(0.0);
  for (var row = lane; row < rows; row += ${LANES}u) { sum += perRow[row]; }
  let sums = columnSums(array<f32, 2>(sum.x, sum.y), lane);
  if (lane == 0u) {
    loss[0] = sums[0] / f32(rows);
    correct[0] = sums[1];
  }
}`;
