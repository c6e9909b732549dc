/**
 * Second pass of batch normalisation. It waits for what comes after: a residual sum or a mixture of activations is computed in the same
 * pass, which saves a dispatch and reading the normalised values once more. To anything else they are a tensor like any other.
 */
import type { DataId, TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { BatchNormAttrs } from "../contract";
import { defer, settle } from "./deferred";
import { dispatch } from "./dispatch";
import { columnLanes, columnSums, LANES, MAIN } from "./wgsl";

export interface Normalisation {
  readonly x: TensorInfo;
  /** The strips' statistics and the channel vectors, see batch-norm.ts. Freed when they have been used. */
  readonly partials: TensorInfo;
  /** y, mean, variance, newRunningMean, newRunningVariance. */
  readonly outputs: readonly [y: TensorInfo, ...vectors: TensorInfo[]];
  readonly channels: number;
  readonly attrs: BatchNormAttrs;
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** What is made of each normalised value, in the same pass. */
export interface Consumer {
  readonly key: string;
  /** As in a shader: `name: element type`. */
  readonly inputs: readonly string[];
  readonly tensors: readonly TensorInfo[];
  /** Helpers; what comes before the loop over elements; the result for the value `v` of element `i`. */
  readonly declarations: string;
  readonly constants: string;
  readonly result: string;
}

/** The normalisations that wait, by y. */
const waiting = new WeakMap<WebGPUBackend, Map<DataId, Normalisation>>();

/** Computes the outputs, once they are used. */
export function normaliseLater(backend: WebGPUBackend, normalisation: Normalisation): void {
  const { outputs, x } = normalisation;
  let all = waiting.get(backend);
  if (!all) waiting.set(backend, (all = new Map<DataId, Normalisation>()));
  all.set(outputs[0].dataId, normalisation);
  defer(backend, { outputs, inputs: [x], work: () => normalise(backend, normalisation, null, []) });
}

/** What the consumer makes of y, if y waits to be normalised; null if it does not, or if the device cannot bind so many buffers. */
export function normaliseFor(backend: WebGPUBackend, y: TensorInfo, consumer: Consumer): TensorInfo | null {
  const normalisation = waiting.get(backend)?.get(y.dataId);
  if (!normalisation) return null;
  const buffers = 2 + consumer.tensors.length + normalisation.outputs.length + 1;
  if (buffers > backend.device.limits.maxStorageBuffersPerShaderStage) return null;
  settle(backend, y);
  const result = backend.makeTensorInfo(y.shape, "float32");
  normalise(backend, normalisation, consumer, [result]);
  return result;
}

function normalise(backend: WebGPUBackend, normalisation: Normalisation, consumer: Consumer | null, results: TensorInfo[]): void {
  const { x, partials, outputs, channels, attrs, workgroups } = normalisation;
  waiting.get(backend)?.delete(outputs[0].dataId);
  dispatch(backend, {
    key: `batchNormNormalise_${channels}${consumer ? `_${consumer.key}` : ""}`,
    shader: () => ({
      inputs: ["x: f32", "partials: f32", ...(consumer?.inputs ?? [])],
      outputs: [
        ...["y: f32", "mean: f32", "variance: f32", "newRunningMean: f32", "newRunningVariance: f32"],
        ...results.map(() => "result: f32"),
      ],
      uniforms: ["epsilon: f32", "momentum: f32"],
      code: code(channels, consumer),
    }),
    inputs: [x, partials, ...(consumer?.tensors ?? [])],
    outputs: [...outputs, ...results],
    uniforms: [attrs.epsilon, attrs.momentum],
    workgroups,
  });
  backend.disposeData(partials.dataId);
}

/** Rows of `partials` behind the strips: gamma, beta and the two running statistics. */
export const FORWARD_VECTORS = 4;

/** Each lane has one column; the lanes of a column share the rows of a strip. */
export const layout = (channels: number) => `
const CHANNELS = ${channels}u;
const COLUMNS = ${columnLanes(channels)}u;
const ROW_LANES = ${LANES}u / COLUMNS;
fn partialOf(row: u32, column: u32) -> u32 { return row * CHANNELS + column; }`;

/** Where this lane is: its column, whether there is such a column, its first row among the row lanes. */
export const PLACE = `
  let column = group.y * COLUMNS + lane % COLUMNS;
  let inside = column < CHANNELS;
  let rowLane = select(0xffffffffu, lane / COLUMNS, inside);
  let rows = arrayLength(&x) / CHANNELS;`;

/** Combines the strips (Chan, Golub and LeVeque 1983) and normalises. */
const code = (channels: number, consumer: Consumer | null) => `
${layout(channels)}
${columnSums(1, columnLanes(channels))}
${consumer?.declarations ?? ""}
${MAIN} {
  ${PLACE}
  let strips = (arrayLength(&partials) / CHANNELS - ${FORWARD_VECTORS}u) / 2u;
  let strip = (rows + strips - 1u) / strips;
  let firstStrip = select(strips, rowLane, inside);
  var sum = 0.0;
  for (var s = firstStrip; s < strips; s += ROW_LANES) {
    sum += f32(min(strip, rows - s * strip)) * partials[partialOf(2u * s, column)];
  }
  let batchMean = columnSums(array<f32, 1>(sum), lane)[0] / f32(rows);
  var squares = 0.0;
  for (var s = firstStrip; s < strips; s += ROW_LANES) {
    let apart = partials[partialOf(2u * s, column)] - batchMean;
    squares += partials[partialOf(2u * s + 1u, column)] + f32(min(strip, rows - s * strip)) * apart * apart;
  }
  let total = columnSums(array<f32, 1>(squares), lane)[0];
  if (inside) {
    let batchVariance = total / f32(rows);
    let behind = 2u * strips;
    let factor = partials[partialOf(behind, column)] / sqrt(batchVariance + parameters.epsilon);
    let offset = partials[partialOf(behind + 1u, column)];
    ${consumer?.constants ?? ""}
    for (var row = group.x * ROW_LANES + rowLane; row < rows; row += groups.x * ROW_LANES) {
      let i = row * CHANNELS + column;
      let v = (x[i] - batchMean) * factor + offset;
      y[i] = v;
      ${consumer ? `result[i] = ${consumer.result};` : ""}
    }
    if (group.x == 0u && rowLane == 0u) {
      mean[column] = batchMean;
      variance[column] = batchVariance;
      let keep = 1.0 - parameters.momentum;
      newRunningMean[column] = keep * partials[partialOf(behind + 2u, column)] + parameters.momentum * batchMean;
      let unbiased = total / f32(max(rows, 2u) - 1u);
      newRunningVariance[column] = keep * partials[partialOf(behind + 3u, column)] + parameters.momentum * unbiased;
    }
  }
}`;
