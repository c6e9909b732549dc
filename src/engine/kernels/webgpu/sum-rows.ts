/**
 * Second pass of the reductions: the column sums of what each workgroup of the first pass left. Few of them are needed at once, so they
 * wait until one is, and then all that wait share a dispatch.
 */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { defer, settle } from "./deferred";
import { dispatch } from "./dispatch";
import { columnLanes, LANES, MAIN, unroll } from "./wgsl";

/** partials: [rows, columns] -> float32 of `shape` with `columns` elements. Frees `partials`; one row is handed on as it is. */
export function sumRows(backend: WebGPUBackend, partials: TensorInfo, columns: number, shape: number[]): TensorInfo {
  if (util.sizeFromShape(partials.shape) === columns) return { ...partials, shape };
  const sum = backend.makeTensorInfo(shape, "float32");
  sumRowsInto(backend, partials, sum);
  return sum;
}

/** The same into a tensor, whose size is the number of columns. */
export function sumRowsInto(backend: WebGPUBackend, partials: TensorInfo, sum: TensorInfo): void {
  const columns = util.sizeFromShape(sum.shape);
  const rows = util.sizeFromShape(partials.shape) / columns;
  // With columns enough to keep a GPU busy, a lane alone with its column saves the barriers.
  const lanes = columns >= MANY_COLUMNS || rows <= FEW_ROWS ? LANES : columnLanes(columns);
  let queue = queues.get(backend);
  if (!queue) queues.set(backend, (queue = []));
  queue.push({ partials, sum, columns, lanes });
  defer(backend, { outputs: [sum], inputs: [], work: () => sumAll(backend) });
  if (queue.length >= Math.floor(backend.device.limits.maxStorageBuffersPerShaderStage / 2)) sumAll(backend);
}

interface Waiting {
  readonly partials: TensorInfo;
  readonly sum: TensorInfo;
  readonly columns: number;
  /** Columns that a workgroup sums side by side, a power of two. */
  readonly lanes: number;
}

const queues = new WeakMap<WebGPUBackend, Waiting[]>();

const MANY_COLUMNS = 16384;
const FEW_ROWS = 8;

function sumAll(backend: WebGPUBackend): void {
  const some = queues.get(backend)?.splice(0) ?? [];
  const sums = some.map(({ sum }) => sum);
  for (const sum of sums) settle(backend, sum);
  dispatch(backend, {
    key: `sumRows_${some.length}`,
    shader: () => ({
      inputs: some.map((_, k) => `partials${k}: f32`),
      outputs: some.map((_, k) => `sum${k}: f32`),
      uniforms: some.map((_, k) => `lanes${k}: u32`),
      code: code(some.length),
    }),
    inputs: some.map(({ partials }) => partials),
    outputs: sums,
    uniforms: some.map(({ lanes }) => lanes),
    workgroups: [some.reduce((blocks, { columns, lanes }) => blocks + Math.ceil(columns / lanes), 0), 1, 1],
  });
  for (const { partials } of some) backend.disposeData(partials.dataId);
}

/** Workgroups are numbered through the blocks of columns of all tensors. The tree is that of `columnSums`. */
const code = (count: number) => `
var<workgroup> scratch: array<f32, ${LANES}>;
${unroll(
  count,
  (k) => `
fn sumOf${k}(first: u32, column: u32, step: u32) -> f32 {
  let columns = arrayLength(&sum${k});
  var total = 0.0;
  if (column < columns) {
    let size = arrayLength(&partials${k});
    for (var i = first * columns + column; i < size; i += step * columns) { total += partials${k}[i]; }
  }
  return total;
}
fn store${k}(column: u32, total: f32) { if (column < arrayLength(&sum${k})) { sum${k}[column] = total; } }
fn blocksOf${k}() -> u32 { return (arrayLength(&sum${k}) + parameters.lanes${k} - 1u) / parameters.lanes${k}; }`,
)}
${MAIN} {
  var which = 0u;
  var block = group.x;
  var columnLanes = parameters.lanes0;
  ${unroll(count - 1, (k) => `if (which == ${k}u && block >= blocksOf${k}()) { block -= blocksOf${k}(); which++; columnLanes = parameters.lanes${k + 1}; }`)}
  let column = block * columnLanes + lane % columnLanes;
  let first = lane / columnLanes;
  let step = ${LANES}u / columnLanes;
  var total = 0.0;
  switch which {
    ${unroll(count, (k) => `case ${k}u: { total = sumOf${k}(first, column, step); }`)}
    default: {}
  }
  scratch[lane] = total;
  for (var stride = ${LANES / 2}u; stride >= columnLanes; stride >>= 1u) {
    workgroupBarrier();
    if (lane < stride) { scratch[lane] += scratch[lane + stride]; }
  }
  if (lane < columnLanes) {
    switch which {
      ${unroll(count, (k) => `case ${k}u: { store${k}(column, scratch[lane]); }`)}
      default: {}
    }
  }
}`;
