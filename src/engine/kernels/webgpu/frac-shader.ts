/** What the shaders of the fractional widths share: where a lane works, and the unit quantizers of its channel. */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import { columnLanes, LANES } from "./wgsl";

/** How a dispatch covers the flat array, seen as rows of C' channels. */
export interface Plan {
  /** Channels that a workgroup takes side by side: a constant of the shader. */
  readonly columns: number;
  readonly columnBlocks: number;
  /** Workgroups along the rows. */
  readonly strips: number;
}

/** `perLane` elements in each lane, about, and at most `most` workgroups. */
export function planOf(x: TensorInfo, share: TensorInfo, perLane: number, most: number): Plan {
  const channels = util.sizeFromShape(share.shape);
  const columns = columnLanes(channels);
  const columnBlocks = Math.ceil(channels / columns);
  const rows = util.sizeFromShape(x.shape) / channels;
  const strips = Math.min(Math.floor(most / columnBlocks), Math.ceil((rows * columns) / (LANES * perLane)));
  return { columns, columnBlocks, strips: Math.max(1, strips) };
}

/**
 * `placeOf(...)`: the lane's channel, and its elements `first`, `first + stride` ... below the size of the array. A lane beyond the
 * last channel has none.
 */
export const placing = (columns: number) => `
const COLUMNS = ${columns}u;
const ROW_LANES = ${LANES / columns}u;
struct Place { channel: u32, inside: bool, first: u32, stride: u32 };
fn placeOf(group: vec3u, groups: vec3u, lane: u32, channels: u32) -> Place {
  let channel = group.y * COLUMNS + lane % COLUMNS;
  let row = group.x * ROW_LANES + lane / COLUMNS;
  let inside = channel < channels;
  return Place(min(channel, channels - 1u), inside, select(0xffffffffu, row * channels + channel, inside), groups.x * ROW_LANES * channels);
}`;

/** Least positive normal float32: what stands in for a clip, or a largest weight, of zero. */
export const TINY = "0x1p-126f";

/** WGSL lets a compiler forget about NaN in float arithmetic; in the bits it cannot. */
export const IS_NAN = `
fn isNan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }`;

/**
 * `quantizerOf(channel)`, and `neighbours(v, quantizer)`: q_floor and q_ceil on [0, 1]. Needs EXACT, the storage buffers `widths` and
 * `share`, the uniforms `modified` and `low` (-1: zero bits give 1/2).
 */
export const UNIT_QUANTIZER = `
struct Fractional { floor: f32, ceil: f32, perFloor: f32, perCeil: f32, zeroFloor: f32, zeroCeil: f32, share: f32 };
fn quantizerOf(channel: u32) -> Fractional {
  let floorBits = widths[channel];
  let ceilBits = widths[arrayLength(&share) + channel];
  let zero = -0.5 * parameters.low;
  let floorLevels = levelsOf(floorBits);
  let ceilLevels = levelsOf(ceilBits);
  return Fractional(
    floorLevels, ceilLevels,
    select(exactQuotient(1.0, max(floorLevels, 1.0)), 0.0, floorBits == 0.0),
    select(exactQuotient(1.0, max(ceilLevels, 1.0)), 0.0, ceilBits == 0.0),
    select(0.0, zero, floorBits == 0.0), select(0.0, zero, ceilBits == 0.0), share[channel]);
}
fn levelsOf(bits: f32) -> f32 { return f32((1u << u32(bits)) - 1u + parameters.modified); }
fn levelOf(v: f32, levels: f32) -> f32 {
  let position = v * levels;
  if (parameters.modified == 1u) { return min(floor(position), levels - 1.0); }
  return round(position);
}
fn neighbours(v: f32, q: Fractional) -> vec2f {
  return vec2f(levelOf(v, q.floor) * q.perFloor + q.zeroFloor, levelOf(v, q.ceil) * q.perCeil + q.zeroCeil);
}
fn mixed(q: vec2f, share: f32) -> f32 { return (1.0 - share) * q.x + share * q.y; }`;

/** Fields that UNIT_QUANTIZER reads. */
export const UNIT_UNIFORMS = ["modified: u32", "low: f32"];

export function unitUniforms(modified: boolean, twoSided: boolean): number[] {
  return [modified ? 1 : 0, twoSided ? -1 : 0];
}
