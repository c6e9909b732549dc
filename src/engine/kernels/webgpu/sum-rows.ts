/** Second pass of the reductions: the column sums of what each workgroup of the first pass left. */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { dispatch } from "./dispatch";
import { columnLanes, columnSums, LANES, MAIN } from "./wgsl";

/** partials: [rows, columns] -> float32 of `shape` with `columns` elements. Frees `partials`; one row is handed on as it is. */
export function sumRows(backend: WebGPUBackend, partials: TensorInfo, columns: number, shape: number[]): TensorInfo {
  const rows = util.sizeFromShape(partials.shape) / columns;
  if (rows === 1) return { ...partials, shape };
  // With columns enough to keep a GPU busy, a lane alone with its column saves the barriers.
  const lanes = columns >= MANY_COLUMNS || rows <= FEW_ROWS ? LANES : columnLanes(columns);
  const sum = backend.makeTensorInfo(shape, "float32");
  dispatch(backend, {
    key: `sumRows_${lanes}`,
    shader: () => ({ inputs: ["partials: f32"], outputs: ["sum: f32"], code: code(lanes) }),
    inputs: [partials],
    outputs: [sum],
    workgroups: [Math.ceil(columns / lanes), 1, 1],
  });
  backend.disposeData(partials.dataId);
  return sum;
}

const MANY_COLUMNS = 16384;
const FEW_ROWS = 8;

const code = (lanes: number) => `
${columnSums(1, lanes)}
${MAIN} {
  let columns = arrayLength(&sum);
  let column = group.x * ${lanes}u + lane % ${lanes}u;
  var total = 0.0;
  if (column < columns) {
    let size = arrayLength(&partials);
    for (var i = (lane / ${lanes}u) * columns + column; i < size; i += ${LANES / lanes}u * columns) {
      total += partials[i];
    }
  }
  let sums = columnSums(array<f32, 1>(total), lane);
  if (lane < ${lanes}u && column < columns) {
    sum[column] = sums[0];
  }
}`;
