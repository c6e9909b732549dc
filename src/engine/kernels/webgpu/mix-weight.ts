/** Mixture of quantized weights: one dispatch, two for large tensors. */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { dispatch } from "./dispatch";
import { columnSums, EXACT, LANES, MAIN, mixtureAt, partsOf, probabilities, quantizers, QUANTIZER, workgroupsFor } from "./wgsl";

/** Up to this many elements one workgroup reads them all faster than a further dispatch would start. */
export const SMALL = 16384;

/** Every workgroup of the mixture combines the statistics of all parts; more parts would cost more than they save. */
const MOST_PARTS = 64;

/** -> [y, scale], see contract.ts. */
export function mixWeight(backend: WebGPUBackend, { x, grid, p }: Record<"x" | "grid" | "p", TensorInfo>): TensorInfo[] {
  const size = util.sizeFromShape(x.shape);
  const candidates = util.sizeFromShape(p.shape);
  const partials = size > SMALL ? [partStatistics(backend, x)] : [];
  const y = backend.makeTensorInfo(x.shape, "float32");
  const scale = backend.makeTensorInfo([1], "float32");
  dispatch(backend, {
    key: `mixWeight_${candidates}_${partials.length > 0 ? "large" : "small"}`,
    shader: () => ({
      inputs: ["x: f32", "grid: f32", "p: f32", ...partials.map(() => "partials: f32")],
      outputs: ["y: f32", "scale: f32"],
      code: mixture(candidates, partials.length > 0 ? combinedParts : wholeTensor),
    }),
    inputs: [x, grid, p, ...partials],
    outputs: [y, scale],
    workgroups: [workgroupsFor(size, 4, 1024), 1, 1],
  });
  partials.forEach(({ dataId }) => backend.disposeData(dataId));
  return [y, scale];
}

/** -> [parts, 2]: mean and sum of squared deviations of each part of x. */
function partStatistics(backend: WebGPUBackend, x: TensorInfo): TensorInfo {
  const size = util.sizeFromShape(x.shape);
  const parts = partsOf(size, workgroupsFor(size, 16, MOST_PARTS));
  const partials = backend.makeTensorInfo([parts, 2], "float32");
  dispatch(backend, {
    key: "mixWeightStatistics",
    shader: () => ({ inputs: ["x: f32"], outputs: ["partials: f32"], code: statisticsOfParts }),
    inputs: [x],
    outputs: [partials],
    workgroups: [parts, 1, 1],
  });
  return partials;
}

/** Declares `mean` and `total`, of the squared deviations, in two passes: one would cancel where the mean is large. */
const twoPasses = (begin: string, end: string) => `
  var sum = 0.0;
  for (var i = ${begin} + lane; i < ${end}; i += ${LANES}u) { sum += x[i]; }
  let mean = columnSums(array<f32, 1>(sum), lane)[0] / f32(${end} - ${begin});
  var squares = 0.0;
  for (var i = ${begin} + lane; i < ${end}; i += ${LANES}u) { squares += (x[i] - mean) * (x[i] - mean); }
  let total = columnSums(array<f32, 1>(squares), lane)[0];`;

const statisticsOfParts = `
${columnSums(1, 1)}
${MAIN} {
  let size = arrayLength(&x);
  let part = (size + groups.x - 1u) / groups.x;
  let begin = group.x * part;
  let end = min(begin + part, size);
  ${twoPasses("begin", "end")}
  if (lane == 0u) {
    partials[2u * group.x] = mean;
    partials[2u * group.x + 1u] = total;
  }
}`;

const wholeTensor = twoPasses("0u", "size");

/** `total` from the parts (Chan, Golub and LeVeque 1983). */
const combinedParts = `
  let parts = arrayLength(&partials) / 2u;
  let part = (size + parts - 1u) / parts;
  var count = 0.0;
  var partMean = 0.0;
  var squares = 0.0;
  if (lane < parts) {
    count = f32(min(part, size - lane * part));
    partMean = partials[2u * lane];
    squares = partials[2u * lane + 1u];
  }
  let mean = columnSums(array<f32, 1>(count * partMean), lane)[0] / f32(size);
  let apart = partMean - mean;
  let total = columnSums(array<f32, 1>(squares + count * apart * apart), lane)[0];`;

const mixture = (candidates: number, squaredDeviations: string) => `
${columnSums(1, 1)}
${EXACT}
${QUANTIZER}
${MAIN} {
  let size = arrayLength(&x);
  ${squaredDeviations}
  let deviation = exactRoot(exactQuotient(total, f32(max(size, 2u) - 1u)));
  if (group.x == 0u && lane == 0u) { scale[0] = deviation; }

  ${quantizers(candidates, "deviation")}
  ${probabilities(candidates)}
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) {
    let v = x[i];
    y[i] = ${mixtureAt(candidates)};
  }
}`;
