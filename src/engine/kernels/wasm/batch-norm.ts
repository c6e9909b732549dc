/** Batch normalisation: in training mode with its gradient, and with given statistics. */
import * as tf from "@tensorflow/tfjs-core";
import { KERNELS, type BatchNormAttrs } from "../contract";
import { BATCH_GRAD_INPUT, BATCH_GRAD_SUMS, BATCH_NORMALISE, BATCH_STATISTICS } from "./kernel-ids";
import type { WasmModule } from "./module";
import { address, input, output, register, sizeOf, stockKernel, type Call } from "./register";

export function registerBatchNorm(): void {
  register(KERNELS.batchNormTrain, batchNormTrain);
  register(KERNELS.batchNormTrainGrad, batchNormTrainGrad);
  const stock = stockKernel(tf.FusedBatchNorm);
  register(tf.FusedBatchNorm, (call: Call<{ readonly varianceEpsilon: number }>) => {
    const [x, mean] = [input(call, "x"), input(call, "mean")];
    const ofChannels = sizeOf(mean) === x.shape.at(-1) && sizeOf(x) > 0;
    return ofChannels ? normalise(call) : stock({ inputs: call.inputs, attrs: call.attrs, backend: call.backend });
  });
}

/** Folded rows are at least this long, so that a pass over one is worth its start. */
const MIN_WIDTH = 64;
/** Floats that one chunk handles. */
const CHUNK_FLOATS = 65536;

/** Rows of `channels` floats, `fold` of them seen as one of `width` floats, a multiple of four. */
interface Layout {
  readonly rows: number;
  readonly channels: number;
  readonly fold: number;
  readonly width: number;
  readonly chunkRows: number;
  readonly chunks: number;
}

function layoutOf(x: tf.TensorInfo): Layout {
  const channels = x.shape.at(-1) ?? 1;
  const rows = sizeOf(x) / channels;
  let fold = 1;
  while ((channels * fold) % 4 !== 0 || channels * fold < MIN_WIDTH) fold *= 2;
  const width = channels * fold;
  const chunkRows = Math.max(1, Math.floor(CHUNK_FLOATS / width));
  return { rows, channels, fold, width, chunkRows, chunks: Math.max(1, Math.ceil(Math.floor(rows / fold) / chunkRows)) };
}

function batchNormTrain(call: Call<BatchNormAttrs>): tf.TensorInfo[] {
  const x = input(call, "x");
  const layout = layoutOf(x);
  const { rows, channels, width } = layout;
  const y = output(call, x.shape);
  const [mean, variance, newMean, newVariance] = [0, 1, 2, 3].map(() => output(call, [channels])) as [
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
  ];
  const statistics = channelStatistics(call, x, layout);
  const constants = call.module.scratch(12 * width);
  const { float32 } = call.module.views();
  const at = (tensor: tf.TensorInfo): number => address(call, tensor) >>> 2;
  const { epsilon, momentum } = call.attrs;
  for (let c = 0; c < channels; c++) {
    const batchMean = statistics.means[c] ?? 0;
    const batchVariance = (statistics.deviations[c] ?? 0) / rows;
    float32[at(mean) + c] = batchMean;
    float32[at(variance) + c] = batchVariance;
    float32[at(newMean) + c] = mixIn(float32[at(input(call, "runningMean")) + c], batchMean, momentum);
    const unbiased = (batchVariance * rows) / (rows - 1);
    float32[at(newVariance) + c] = mixIn(float32[at(input(call, "runningVariance")) + c], unbiased, momentum);
    const scale = (float32[at(input(call, "gamma")) + c] ?? 0) / Math.sqrt(batchVariance + epsilon);
    // What rounding took from the mean goes into the offset.
    const beta = (float32[at(input(call, "beta")) + c] ?? 0) - (batchMean - Math.fround(batchMean)) * scale;
    spread(float32, constants, layout, c, [batchMean, scale, beta]);
  }
  runRows(call.module, BATCH_NORMALISE, layout, [address(call, x), 0, address(call, y)], constants, 0);
  return [y, mean, variance, newMean, newVariance];
}

/** With the given statistics, as evaluations have them. The stock kernel takes as long as a convolution. */
function normalise(call: Call<{ readonly varianceEpsilon: number }>): tf.TensorInfo {
  const x = input(call, "x");
  const layout = layoutOf(x);
  const y = output(call, x.shape);
  const constants = call.module.scratch(12 * layout.width);
  const { float32 } = call.module.views();
  const value = (name: string, c: number): number | undefined => {
    const tensor = call.inputs[name];
    return tensor && float32[(address(call, tensor) >>> 2) + c];
  };
  for (let c = 0; c < layout.channels; c++) {
    const scale = (value("scale", c) ?? 1) / Math.sqrt((value("variance", c) ?? 0) + call.attrs.varianceEpsilon);
    spread(float32, constants, layout, c, [value("mean", c) ?? 0, scale, value("offset", c) ?? 0]);
  }
  runRows(call.module, BATCH_NORMALISE, layout, [address(call, x), 0, address(call, y)], constants, 0);
  return y;
}

function mixIn(old: number | undefined, batch: number, momentum: number): number {
  return (1 - momentum) * (old ?? 0) + momentum * batch;
}

/** Mean and sum of squared deviations of each channel, in float64; chunks are merged in order by Chan's formula. */
function channelStatistics(
  call: Call<unknown>,
  x: tf.TensorInfo,
  layout: Layout,
): { means: Float64Array; deviations: Float64Array } {
  const { channels, chunks, chunkRows, fold, rows, width } = layout;
  const partials = call.module.scratch(16 * chunks * channels + 12 * chunks * width);
  runRows(call.module, BATCH_STATISTICS, layout, [address(call, x), 0, 0], partials, partials + 16 * chunks * channels);
  const { float64 } = call.module.views();
  const means = new Float64Array(channels);
  const deviations = new Float64Array(channels);
  for (let chunk = 0, before = 0; chunk < chunks; chunk++) {
    const after = chunk === chunks - 1 ? rows : (chunk + 1) * chunkRows * fold;
    for (let c = 0; c < channels; c++) {
      const entry = (partials >>> 3) + 2 * (chunk * channels + c);
      const delta = (float64[entry] ?? 0) - (means[c] ?? 0);
      means[c] = (means[c] ?? 0) + (delta * (after - before)) / after;
      deviations[c] = (deviations[c] ?? 0) + (float64[entry + 1] ?? 0) + (delta * delta * before * (after - before)) / after;
    }
    before = after;
  }
  return { means, deviations };
}

function batchNormTrainGrad(call: Call<{ readonly epsilon: number }>): tf.TensorInfo[] {
  const [x, dy, gamma, mean, variance] = ["x", "dy", "gamma", "mean", "variance"].map((name) => input(call, name)) as [
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
    tf.TensorInfo,
  ];
  const layout = layoutOf(x);
  const { rows, channels, chunks, width } = layout;
  const [dx, dGamma, dBeta] = [output(call, x.shape), output(call, [channels]), output(call, [channels])];
  const partials = call.module.scratch(16 * chunks * channels + 4 * width * (2 * chunks + 1) + 16 * width);
  const scratch = partials + 16 * chunks * channels;
  const constants = scratch + 4 * width * (2 * chunks + 1);
  const { float32, float64 } = call.module.views();
  const value = (tensor: tf.TensorInfo, c: number): number => float32[(address(call, tensor) >>> 2) + c] ?? 0;
  for (let c = 0; c < channels; c++) spread(float32, scratch, layout, c, [value(mean, c)]);
  const tensors = [x, dy, dx].map((tensor) => address(call, tensor));
  runRows(call.module, BATCH_GRAD_SUMS, layout, tensors, partials, scratch);
  for (let c = 0; c < channels; c++) {
    let beta = 0;
    let centred = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const entry = (partials >>> 3) + 2 * (chunk * channels + c);
      beta += float64[entry] ?? 0;
      centred += float64[entry + 1] ?? 0;
    }
    const inverse = 1 / Math.sqrt(value(variance, c) + call.attrs.epsilon);
    float32[(address(call, dBeta) >>> 2) + c] = beta;
    float32[(address(call, dGamma) >>> 2) + c] = centred * inverse;
    spread(float32, constants, layout, c, [
      value(mean, c),
      value(gamma, c) * inverse,
      beta / rows,
      (centred * inverse * inverse) / rows,
    ]);
  }
  runRows(call.module, BATCH_GRAD_INPUT, layout, tensors, constants, 0);
  return [dx, dGamma, dBeta];
}

/** Writes constants of channel `c` into every copy of it in rows of `width` floats at byte address `at`. */
function spread(float32: Float32Array, at: number, { width, channels }: Layout, c: number, constants: readonly number[]): void {
  constants.forEach((constant, row) => {
    for (let i = c; i < width; i += channels) float32[(at >>> 2) + row * width + i] = constant;
  });
}

function runRows(
  module: WasmModule,
  kernel: number,
  { rows, channels, fold, chunkRows, chunks }: Layout,
  tensors: readonly number[],
  values: number,
  scratch: number,
): void {
  module.run(kernel, chunks, [...tensors, rows, channels, fold, chunkRows, values, scratch]);
}
