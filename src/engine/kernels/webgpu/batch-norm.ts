/**
 * Batch normalisation over all axes but the last, two dispatches forward (the second is in normalise.ts) and two backward. The first
 * reduces strips of rows; each workgroup of the second combines the strips again for its columns, which costs less than a dispatch of its own. To stay within
 * eight storage buffers, the smallest limit there is, the first pass hands the channel vectors on behind its partial results.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { BatchNormAttrs } from "../contract";
import { dispatch } from "./dispatch";
import { FORWARD_VECTORS, layout, normaliseLater, PLACE } from "./normalise";
import { columnLanes, columnSums, LANES, MAIN, partsOf } from "./wgsl";

/** -> [y, mean, variance, newRunningMean, newRunningVariance], see contract.ts. */
export function batchNormTrain(
  backend: WebGPUBackend,
  inputs: Record<"x" | "gamma" | "beta" | "runningMean" | "runningVariance", TensorInfo>,
  attrs: BatchNormAttrs,
): TensorInfo[] {
  const { x, gamma, beta, runningMean, runningVariance } = inputs;
  const plan = planFor(x);
  const vector = () => backend.makeTensorInfo([plan.channels], "float32");
  const partials = backend.makeTensorInfo([2 * plan.strips + FORWARD_VECTORS, plan.channels], "float32");
  dispatch(backend, {
    key: `batchNormStatistics_${plan.channels}`,
    shader: () => ({
      inputs: ["x: f32", "gamma: f32", "beta: f32", "runningMean: f32", "runningVariance: f32"],
      outputs: ["partials: f32"],
      code: statistics(plan.channels),
    }),
    inputs: [x, gamma, beta, runningMean, runningVariance],
    outputs: [partials],
    workgroups: [plan.strips, plan.columnBlocks, 1],
  });

  const y = backend.makeTensorInfo(x.shape, "float32");
  const outputs: [TensorInfo, ...TensorInfo[]] = [y, vector(), vector(), vector(), vector()];
  const workgroups = [plan.rowGroups, plan.columnBlocks, 1] as const;
  normaliseLater(backend, { x, partials, outputs, channels: plan.channels, attrs, workgroups });
  return outputs;
}

/** -> [dx, dgamma, dbeta], see contract.ts. */
export function batchNormTrainGrad(
  backend: WebGPUBackend,
  { x, dy, gamma, mean, variance }: Record<"x" | "dy" | "gamma" | "mean" | "variance", TensorInfo>,
  { epsilon }: Pick<BatchNormAttrs, "epsilon">,
): TensorInfo[] {
  const plan = planFor(x);
  const partials = backend.makeTensorInfo([2 * plan.strips + BACKWARD_VECTORS, plan.channels], "float32");
  dispatch(backend, {
    key: `batchNormGradStatistics_${plan.channels}`,
    shader: () => ({
      inputs: ["x: f32", "dy: f32", "mean: f32", "variance: f32"],
      outputs: ["partials: f32"],
      uniforms: ["epsilon: f32"],
      code: gradientStatistics(plan.channels),
    }),
    inputs: [x, dy, mean, variance],
    outputs: [partials],
    uniforms: [epsilon],
    workgroups: [plan.strips, plan.columnBlocks, 1],
  });

  const outputs = [x.shape, [plan.channels], [plan.channels]].map((shape) => backend.makeTensorInfo(shape, "float32"));
  dispatch(backend, {
    key: `batchNormGrad_${plan.channels}`,
    shader: () => ({
      inputs: ["x: f32", "dy: f32", "gamma: f32", "partials: f32"],
      outputs: ["dx: f32", "dgamma: f32", "dbeta: f32"],
      code: gradient(plan.channels),
    }),
    inputs: [x, dy, gamma, partials],
    outputs,
    workgroups: [plan.rowGroups, plan.columnBlocks, 1],
  });
  backend.disposeData(partials.dataId);
  return outputs;
}

/** Rows behind the strips of the backward pass: mean and 1 / standard deviation. */
const BACKWARD_VECTORS = 2;

/** Partial results that one workgroup of the second pass reads again: about as many as it reads elements. */
const MOST_PARTIALS = 2048;

interface Plan {
  readonly channels: number;
  readonly columnBlocks: number;
  /** Workgroups along the rows in the first and in the second pass. */
  readonly strips: number;
  readonly rowGroups: number;
}

function planFor({ shape }: TensorInfo): Plan {
  const channels = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const columns = columnLanes(channels);
  const rowLanes = LANES / columns;
  return {
    channels,
    columnBlocks: Math.ceil(channels / columns),
    strips: partsOf(rows, Math.min(LANES, MOST_PARTIALS / columns, Math.ceil(rows / (4 * rowLanes)))),
    rowGroups: Math.max(1, Math.min(1024, Math.ceil(rows / (16 * rowLanes)))),
  };
}

/** This strip's rows. */
const STRIP = `
  let strip = (rows + groups.x - 1u) / groups.x;
  let begin = group.x * strip;
  let end = min(begin + strip, rows);
  let first = select(end, begin + rowLane, inside);`;

/** Mean and squared deviations of a strip, in two passes over it: one pass would cancel where the mean is large. */
const statistics = (channels: number) => `
${layout(channels)}
${columnSums(1, columnLanes(channels))}
${MAIN} {
  ${PLACE}
  ${STRIP}
  var sum = 0.0;
  for (var row = first; row < end; row += ROW_LANES) { sum += x[row * CHANNELS + column]; }
  let stripMean = columnSums(array<f32, 1>(sum), lane)[0] / f32(end - begin);
  var squares = 0.0;
  for (var row = first; row < end; row += ROW_LANES) {
    let deviation = x[row * CHANNELS + column] - stripMean;
    squares += deviation * deviation;
  }
  let total = columnSums(array<f32, 1>(squares), lane)[0];
  if (rowLane == 0u) {
    partials[partialOf(2u * group.x, column)] = stripMean;
    partials[partialOf(2u * group.x + 1u, column)] = total;
    if (group.x == 0u) {
      let behind = 2u * groups.x;
      partials[partialOf(behind, column)] = gamma[column];
      partials[partialOf(behind + 1u, column)] = beta[column];
      partials[partialOf(behind + 2u, column)] = runningMean[column];
      partials[partialOf(behind + 3u, column)] = runningVariance[column];
    }
  }
}`;

/** Sums of dy and of dy times the normalised x over a strip. */
const gradientStatistics = (channels: number) => `
${layout(channels)}
${columnSums(2, columnLanes(channels))}
${MAIN} {
  ${PLACE}
  ${STRIP}
  let centre = mean[min(column, CHANNELS - 1u)];
  let inverse = 1.0 / sqrt(variance[min(column, CHANNELS - 1u)] + parameters.epsilon);
  var upstream = 0.0;
  var along = 0.0;
  for (var row = first; row < end; row += ROW_LANES) {
    let i = row * CHANNELS + column;
    upstream += dy[i];
    along += dy[i] * ((x[i] - centre) * inverse);
  }
  let sums = columnSums(array<f32, 2>(upstream, along), lane);
  if (rowLane == 0u) {
    partials[partialOf(2u * group.x, column)] = sums[0];
    partials[partialOf(2u * group.x + 1u, column)] = sums[1];
    if (group.x == 0u) {
      partials[partialOf(2u * groups.x, column)] = centre;
      partials[partialOf(2u * groups.x + 1u, column)] = inverse;
    }
  }
}`;

/** dx = gamma / std * (dy - mean(dy) - x^ mean(dy x^)). */
const gradient = (channels: number) => `
${layout(channels)}
${columnSums(2, columnLanes(channels))}
${MAIN} {
  ${PLACE}
  let strips = (arrayLength(&partials) / CHANNELS - ${BACKWARD_VECTORS}u) / 2u;
  var upstream = 0.0;
  var along = 0.0;
  for (var s = select(strips, rowLane, inside); s < strips; s += ROW_LANES) {
    upstream += partials[partialOf(2u * s, column)];
    along += partials[partialOf(2u * s + 1u, column)];
  }
  let sums = columnSums(array<f32, 2>(upstream, along), lane);
  if (inside) {
    let centre = partials[partialOf(2u * strips, column)];
    let inverse = partials[partialOf(2u * strips + 1u, column)];
    let factor = gamma[column] * inverse;
    let meanUpstream = sums[0] / f32(rows);
    let meanAlong = sums[1] / f32(rows);
    for (var row = group.x * ROW_LANES + rowLane; row < rows; row += groups.x * ROW_LANES) {
      let i = row * CHANNELS + column;
      dx[i] = factor * (dy[i] - meanUpstream - (x[i] - centre) * inverse * meanAlong);
    }
    if (group.x == 0u && rowLane == 0u) {
      dgamma[column] = sums[1];
      dbeta[column] = sums[0];
    }
  }
}`;
