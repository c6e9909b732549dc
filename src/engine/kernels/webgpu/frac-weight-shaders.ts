/** The shaders of `frac-weight.ts`. */
import { FRAC_LEAST_DEVIATION, type FracWeightAttrs } from "../contract";
import { IS_NAN, placing, TINY, UNIT_QUANTIZER } from "./frac-shader";
import { columnSums, EXACT, LANES, MAIN } from "./wgsl";

type Rescale = FracWeightAttrs["rescale"];

/**
 * tanh from e^2|x| - 1, which loses nothing near zero: with 2|x| = k ln 2 + r and p = e^r - 1 it is 2^k p + (2^k - 1). WGSL's own may
 * overflow, and its error is bounded in absolute terms only. ln 2 is cut in two, so that k times the first part is exact.
 */
const TANH = `
fn tanhOf(v: f32) -> f32 {
  let z = min(2.0 * abs(v), 40.0);
  let k = round(z * 1.442695041);
  let r = (z - k * 0.693359375) + k * 2.12194440e-4;
  let tail = r * r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0))))));
  let power = ldexp(1.0, i32(k));
  let e = power * (r + tail) + (power - 1.0);
  return select(sign(v) * exactQuotient(e, e + 2.0), v, isNan(v));
}
fn divisorOf(largest: f32) -> f32 { return select(max(tanhOf(largest), ${TINY}), largest, isNan(largest)); }`;

/** The output before rescaling, 2 Q(u) - 1. */
const LEVEL = `
fn levelAt(i: u32, divisor: f32) -> f32 {
  let quantizer = quantizerOf(i % arrayLength(&share));
  let u = clamp(exactQuotient(tanhOf(w[i]), divisor), -1.0, 1.0) * 0.5 + 0.5;
  return select(2.0 * mixed(neighbours(u, quantizer), quantizer.share) - 1.0, w[i], isNan(w[i]));
}`;

/** Largest magnitude of part of w. Bits of magnitudes compare as the magnitudes do, and a NaN, which floats may drop, is the largest. */
const LARGEST = `
var<workgroup> largestScratch: array<u32, ${LANES}>;
fn largestOf(bits: u32, lane: u32) -> f32 {
  workgroupBarrier();
  largestScratch[lane] = bits;
  workgroupBarrier();
  for (var stride = ${LANES / 2}u; stride > 0u; stride >>= 1u) {
    if (lane < stride) { largestScratch[lane] = max(largestScratch[lane], largestScratch[lane + stride]); }
    workgroupBarrier();
  }
  return bitcast<f32>(largestScratch[0]);
}
fn largestIn(begin: u32, end: u32, lane: u32) -> f32 {
  var bits = 0u;
  for (var i = begin + lane; i < end; i += ${LANES}u) { bits = max(bits, bitcast<u32>(w[i]) & 0x7fffffffu); }
  return largestOf(bits, lane);
}`;

/**
 * Mean and sum of squared deviations of a part, in two passes, of differences from its first element: a part of one value has
 * exactly no deviation.
 */
const moments = (name: string, value: (i: string) => string) => `
fn ${name}(begin: u32, end: u32, divisor: f32, lane: u32) -> vec2f {
  let origin = ${value("begin")};
  var sum = 0.0;
  for (var i = begin + lane; i < end; i += ${LANES}u) { sum += ${value("i")} - origin; }
  let mean = columnSums(array<f32, 1>(sum), lane)[0] / f32(end - begin);
  var squares = 0.0;
  for (var i = begin + lane; i < end; i += ${LANES}u) {
    let apart = (${value("i")} - origin) - mean;
    squares += apart * apart;
  }
  return vec2f(origin + mean, columnSums(array<f32, 1>(squares), lane)[0]);
}`;

const WEIGHT_MOMENTS = moments("weightMoments", (i) => `w[${i}]`);
const LEVEL_MOMENTS = moments("levelMoments", (i) => `levelAt(${i}, divisor)`);

/** `combined(...)`: squared deviations of the whole from those of the parts (Chan, Golub and LeVeque 1983), a part a lane. */
const COMBINED = `
fn combined(count: f32, partMean: f32, squares: f32, size: u32, lane: u32) -> f32 {
  let mean = columnSums(array<f32, 1>(count * partMean), lane)[0] / f32(size);
  let apart = partMean - mean;
  return columnSums(array<f32, 1>(squares + count * apart * apart), lane)[0];
}
fn deviationOf(squares: f32, size: u32) -> f32 { return exactRoot(exactQuotient(squares, f32(max(size, 2u) - 1u))); }`;

/** This workgroup's part of w. */
const PART = `
  let size = arrayLength(&w);
  let part = (size + groups.x - 1u) / groups.x;
  let begin = group.x * part;
  let end = min(begin + part, size);`;

/** A part's largest magnitude and, where they are wanted, the moments of its weights. */
export const weightPartsShader = (rescale: Rescale) => `
${columnSums(1, 1)}
${LARGEST}
${WEIGHT_MOMENTS}
${MAIN} {
  ${PART}
  let most = largestIn(begin, end, lane);
  let moments = ${rescale === "stddev" ? "weightMoments(begin, end, 1.0, lane)" : "vec2f(0.0)"};
  if (lane == 0u) {
    ofWeights[3u * group.x] = most;
    ofWeights[3u * group.x + 1u] = moments.x;
    ofWeights[3u * group.x + 2u] = moments.y;
  }
}`;

/** The largest magnitude from the parts. */
const LARGEST_OF_PARTS = `
  let parts = arrayLength(&ofWeights) / 3u;
  var bits = 0u;
  if (lane < parts) { bits = bitcast<u32>(ofWeights[3u * lane]); }
  let most = largestOf(bits, lane);`;

/** The moments of a part's levels. */
export const levelPartsShader = () => `
${columnSums(1, 1)}
${EXACT}
${IS_NAN}
${UNIT_QUANTIZER}
${TANH}
${LEVEL}
${LARGEST}
${LEVEL_MOMENTS}
${MAIN} {
  ${PART}
  ${LARGEST_OF_PARTS}
  let moments = levelMoments(begin, end, divisorOf(most), lane);
  if (lane == 0u) {
    ofLevels[2u * group.x] = moments.x;
    ofLevels[2u * group.x + 1u] = moments.y;
  }
}`;

/** Declares `squares` of all levels, and `wanted`, the deviation that they are to have. */
const wholeStatistics = (rescale: Rescale) => `
  let squares = levelMoments(0u, size, divisor, lane).y;
  let wanted = ${rescale === "stddev" ? "deviationOf(weightMoments(0u, size, 1.0, lane).y, size)" : "parameters.wanted"};`;

const combinedStatistics = (rescale: Rescale) => `
  let part = (size + parts - 1u) / parts;
  let count = select(0.0, f32(min(part, size - min(size, lane * part))), lane < parts);
  let at = min(lane, parts - 1u);
  let squares = combined(count, ofLevels[2u * at], select(0.0, ofLevels[2u * at + 1u], lane < parts), size, lane);
  let wanted = ${
    rescale === "stddev"
      ? `deviationOf(
    combined(count, ofWeights[3u * at + 1u], select(0.0, ofWeights[3u * at + 2u], lane < parts), size, lane), size)`
      : "parameters.wanted"
  };`;

export const quantizeShader = (rescale: Rescale, large: boolean) => `
${columnSums(1, 1)}
${EXACT}
${IS_NAN}
${UNIT_QUANTIZER}
${TANH}
${LEVEL}
${LARGEST}
${WEIGHT_MOMENTS}
${LEVEL_MOMENTS}
${COMBINED}
${MAIN} {
  let size = arrayLength(&w);
  ${large ? LARGEST_OF_PARTS : "let most = largestIn(0u, size, lane);"}
  let divisor = divisorOf(most);
  var factor = 1.0;
  ${
    rescale === "none"
      ? ""
      : `
  ${large ? combinedStatistics(rescale) : wholeStatistics(rescale)}
  let deviation = deviationOf(squares, size);
  if (!(deviation <= ${FRAC_LEAST_DEVIATION})) { factor = exactQuotient(wanted, deviation); }`
  }
  if (group.x == 0u && lane == 0u) {
    scale[0] = factor;
    largest[0] = most;
  }
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) { y[i] = factor * levelAt(i, divisor); }
}`;

/** Partial sums: of each strip and channel, dy (q_ceil - q_floor); then of each workgroup, dy t, and the ties for the largest. */
export const sumsShader = (columns: number) => `
${placing(columns)}
${columnSums(1, columns)}
${columnSums(2, 1, "workgroupSums")}
${EXACT}
${IS_NAN}
${UNIT_QUANTIZER}
${TANH}
${MAIN} {
  let size = arrayLength(&w);
  let channels = arrayLength(&share);
  let place = placeOf(group, groups, lane, channels);
  let quantizer = quantizerOf(place.channel);
  let divisor = divisorOf(largest[0]);
  var gaps = 0.0;
  var along = 0.0;
  var ties = 0.0;
  for (var i = place.first; i < size; i += place.stride) {
    let t = tanhOf(w[i]);
    let q = neighbours(clamp(exactQuotient(t, divisor), -1.0, 1.0) * 0.5 + 0.5, quantizer);
    gaps += dy[i] * (q.y - q.x);
    along += dy[i] * t;
    ties += select(0.0, 1.0, abs(w[i]) == largest[0]);
  }
  let sums = columnSums(array<f32, 1>(gaps), lane);
  if (lane < COLUMNS && place.inside) { partials[channels * group.x + place.channel] = sums[0]; }
  let whole = workgroupSums(array<f32, 2>(along, ties), lane);
  if (lane == 0u) {
    let at = channels * groups.x + 2u * (group.y * groups.x + group.x);
    partials[at] = whole[0];
    partials[at + 1u] = whole[1];
  }
}`;

/** The first strip of workgroups also writes the gradient of the shares. */
export const gradientShader = (columns: number) => `
${placing(columns)}
${columnSums(1, columns)}
${columnSums(2, 1, "workgroupSums")}
${EXACT}
${IS_NAN}
${TANH}
${MAIN} {
  let size = arrayLength(&w);
  let channels = arrayLength(&dshare);
  let place = placeOf(group, groups, lane, channels);
  let behind = channels * parameters.strips;
  if (group.x == 0u) {
    var gaps = 0.0;
    for (var i = place.first; i < behind; i += channels * ROW_LANES) { gaps += partials[i]; }
    let sums = columnSums(array<f32, 1>(gaps), lane);
    if (lane < COLUMNS && place.inside) { dshare[place.channel] = 2.0 * scale[0] * sums[0]; }
  }
  var along = 0.0;
  var ties = 0.0;
  for (var i = behind + 2u * lane; i < arrayLength(&partials); i += ${2 * LANES}u) {
    along += partials[i];
    ties += partials[i + 1u];
  }
  let whole = workgroupSums(array<f32, 2>(along, ties), lane);
  let m = tanhOf(largest[0]);
  // An all-zero weight has no direction to be scaled in.
  let slope = select(scale[0] / max(m, ${TINY}), 0.0, largest[0] == 0.0);
  let through = select(-slope * whole[0] / (max(m, ${TINY}) * whole[1]), 0.0, largest[0] == 0.0);
  for (var i = place.first; i < size; i += place.stride) {
    let v = w[i];
    let t = tanhOf(v);
    dw[i] = (slope * dy[i] + select(0.0, sign(v) * through, abs(v) == largest[0])) * (1.0 - t * t);
  }
}`;
