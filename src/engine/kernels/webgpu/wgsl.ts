/** Pieces of WGSL that several kernels share, and the sizes of their dispatches. */
import { GRID_COLUMNS } from "../contract";

/** The largest workgroup that every WebGPU device accepts. */
export const LANES = 256;

/** Opens the entry point: `group` of `groups` workgroups, `lane` of `LANES` invocations in it. */
export const MAIN = `
@compute @workgroup_size(${LANES})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32)`;

/** One line of text for each of 0 .. count - 1: unrolled here, arrays become registers whatever the driver does. */
export function unroll(count: number, line: (k: number) => string, separator = "\n"): string {
  return Array.from({ length: count }, (_, k) => line(k)).join(separator);
}

/** Workgroups for `elements`, about `perLane` in each lane, at most `most`. Kernels stride by the whole dispatch. */
export function workgroupsFor(elements: number, perLane: number, most: number): number {
  return Math.max(1, Math.min(most, Math.ceil(elements / (LANES * perLane))));
}

/** How many non-empty parts of ceil(total / parts) there are if about `wanted` are asked for. */
export function partsOf(total: number, wanted: number): number {
  return Math.ceil(total / Math.ceil(total / Math.max(1, wanted)));
}

/** Columns that a workgroup takes side by side: a power of two, so that lanes fold in halves. */
export function columnLanes(columns: number): number {
  const MOST = 64;
  return Math.min(MOST, 2 ** Math.ceil(Math.log2(columns)));
}

/**
 * `columnSums(values, lane)`: the sums, over all lanes with equal `lane % columns`, of `count` values a lane; every lane of the
 * column gets them. A tree of fixed shape: the same bits each time. `columns` is a power of two; 1 sums over the workgroup. A shader
 * with two of them gives the second another `name`.
 */
export function columnSums(count: number, columns: number, name = "columnSums"): string {
  const chunks = Math.ceil(count / SUMMED_TOGETHER);
  const members = (chunk: number) => Math.min(SUMMED_TOGETHER, count - chunk * SUMMED_TOGETHER);
  const at = (k: number, lane: string) => `${name}Scratch[${k * LANES}u + ${lane}]`;
  return `
var<workgroup> ${name}Scratch: array<f32, ${members(0) * LANES}>;
fn ${name}(values: array<f32, ${count}>, lane: u32) -> array<f32, ${count}> {
  var sums: array<f32, ${count}>;
  ${unroll(
    chunks,
    (chunk) => `
  workgroupBarrier();
  ${unroll(members(chunk), (k) => `${at(k, "lane")} = values[${chunk * SUMMED_TOGETHER + k}];`)}
  workgroupBarrier();
  for (var stride = ${LANES / 2}u; stride >= ${columns}u; stride >>= 1u) {
    if (lane < stride) {
      ${unroll(members(chunk), (k) => `${at(k, "lane")} += ${at(k, "lane + stride")};`)}
    }
    workgroupBarrier();
  }
  ${unroll(members(chunk), (k) => `sums[${chunk * SUMMED_TOGETHER + k}] = ${at(k, `lane % ${columns}u`)};`)}`,
  )}
  return sums;
}`;
}

/** Values a lane that `columnSums` folds at once: more would take more workgroup memory, fewer more barriers. */
const SUMMED_TOGETHER = 4;

/**
 * Division and square root as IEEE 754 has them. WGSL allows errors of a few units in the last place; one step of Newton's method
 * with the exact remainder corrects them. Each factor of the remainder is cut into two halves of 12 bits, whose products are exact
 * with and without fused multiply-add.
 */
export const EXACT = `
fn upperHalf(v: f32) -> f32 { return bitcast<f32>(bitcast<u32>(v) & 0xfffff000u); }
fn remainderOf(v: f32, a: f32, b: f32) -> f32 {
  let a1 = upperHalf(a);
  let a2 = a - a1;
  let b1 = upperHalf(b);
  let b2 = b - b1;
  return (((v - a1 * b1) - a1 * b2) - a2 * b1) - a2 * b2;
}
fn exactQuotient(v: f32, divisor: f32) -> f32 {
  let quotient = v / divisor;
  return quotient + remainderOf(v, quotient, divisor) / divisor;
}
fn exactRoot(v: f32) -> f32 {
  if (v <= 0.0) { return 0.0; }
  let root = sqrt(v);
  return root + remainderOf(v, root, root) / (2.0 * root);
}`;

/**
 * The quantizers of a grid (see contract.ts). Needs `EXACT` and the storage buffer `grid`. A reciprocal finds the level; only
 * where it comes so close to a tie that rounding errors could decide, the exact quotient does.
 */
export const QUANTIZER = `
struct Quantizer { step: f32, inverse: f32, shift: f32, low: f32, high: f32 };
fn quantizer(k: u32, scale: f32) -> Quantizer {
  let row = ${GRID_COLUMNS}u * k;
  let step = grid[row] * scale;
  return Quantizer(step, 1.0 / step, grid[row + 1u], grid[row + 2u], grid[row + 3u]);
}
fn quantize(v: f32, q: Quantizer) -> f32 {
  let position = v * q.inverse + q.shift;
  var level = round(position);
  // 2e-6 relative: above the errors of the reciprocal, the product and the sum together.
  if (abs(abs(position - level) - 0.5) <= 2e-6 * (1.0 + abs(position))) {
    level = round(exactQuotient(v, q.step) + q.shift);
  }
  return (clamp(level, q.low, q.high) - q.shift) * q.step;
}`;

/** Declares `q0`, `q1` ... for a scale, before the loop over elements. */
export function quantizers(count: number, scale: string): string {
  return unroll(count, (k) => `let q${k} = quantizer(${k}u, ${scale});`);
}

/** Declares the probabilities `p0`, `p1` ... */
export function probabilities(count: number): string {
  return unroll(count, (k) => `let p${k} = p[${k}];`);
}

/** The value of the mixture at `v`. Needs `quantizers` and `probabilities`. */
export function mixtureAt(count: number): string {
  return unroll(count, (k) => `p${k} * quantize(v, q${k})`, " + ");
}
