/** Shaders of the statistics that AutoQNN's schemes scale with. */
import { RESIDUALS, SCHEME_STATISTICS, STATISTIC, TERNARY_FACTOR } from "../contract";
import { SIGNED } from "./scheme-shader";
import { columnSums, EXACT, LANES, MAIN, unroll } from "./wgsl";

/** One for each lane of the workgroup that combines them. */
export const MOST_PARTS = LANES;

/** Rows of the partials, one number a part: the magnitudes of residual j are summed in row `magnitude + j`. */
export const COLUMN = {
  mean: 0,
  squares: 1,
  least: 2,
  most: 3,
  ternarySum: 4,
  ternaryCount: 5,
  magnitude: 6,
  count: 6 + RESIDUALS,
} as const;

/** `total(a, b, lane)`: both sums over the workgroup; `extremes(least, most, lane)`: both over the workgroup. */
const REDUCTIONS = `
${columnSums(2, 1)}
fn total(a: f32, b: f32, lane: u32) -> vec2f {
  let sums = columnSums(array<f32, 2>(a, b), lane);
  return vec2f(sums[0], sums[1]);
}
var<workgroup> extremesScratch: array<vec2f, ${LANES}>;
fn extremes(least: f32, most: f32, lane: u32) -> vec2f {
  workgroupBarrier();
  extremesScratch[lane] = vec2f(least, most);
  workgroupBarrier();
  for (var stride = ${LANES / 2}u; stride >= 1u; stride >>= 1u) {
    if (lane < stride) {
      let a = extremesScratch[lane];
      let b = extremesScratch[lane + stride];
      extremesScratch[lane] = vec2f(min(a.x, b.x), max(a.y, b.y));
    }
    workgroupBarrier();
  }
  return extremesScratch[0];
}`;

/** Declares `mean`, `squares` (of the deviations, in a pass of its own: one would cancel), `range` and `magnitudes` of x[begin .. end]. */
const MOMENTS = `
  var sum = 0.0;
  var magnitude = 0.0;
  var least = x[begin];
  var most = x[begin];
  for (var i = begin + lane; i < end; i += ${LANES}u) {
    let v = x[i];
    sum += v;
    magnitude += abs(v);
    least = min(least, v);
    most = max(most, v);
  }
  let sums = total(sum, magnitude, lane);
  let range = extremes(least, most, lane);
  let mean = sums.x / f32(end - begin);
  let magnitudes = sums.y;
  var deviations = 0.0;
  for (var i = begin + lane; i < end; i += ${LANES}u) { deviations += (x[i] - mean) * (x[i] - mean); }
  let squares = total(deviations, 0.0, lane).x;`;

/** Declares `rest`, the sum of the magnitudes that residuals with the mean magnitudes `m0`, `m1` ... leave of x[begin .. end]. */
const restAfter = (count: number) => `
  var left${count} = 0.0;
  for (var i = begin + lane; i < end; i += ${LANES}u) {
    var r = x[i];
    ${unroll(count, (j) => `r -= signed(r, m${j}, parameters.zero);`)}
    left${count} += abs(r);
  }
  let rest${count} = total(left${count}, 0.0, lane).x;`;

/** Declares `ternary`: sum and number of the magnitudes of x[begin .. end] above the threshold. */
const TERNARY = `
  let threshold = ${Math.fround(TERNARY_FACTOR)} * m0 * 0.5;
  var kept = vec2f(0.0);
  for (var i = begin + lane; i < end; i += ${LANES}u) {
    let v = abs(x[i]);
    kept += select(vec2f(0.0), vec2f(v, 1.0), v > threshold);
  }
  let ternary = total(kept.x, kept.y, lane);`;

const PART = `
  let size = arrayLength(&x);
  let parts = groups.x;
  let part = (size + parts - 1u) / parts;
  let begin = group.x * part;
  let end = min(begin + part, size);`;

const put = (column: number, value: string): string => `partials[${column}u * parts + group.x] = ${value};`;

export const momentsOfParts = () => `
${REDUCTIONS}
${MAIN} {
  ${PART}
  ${MOMENTS}
  if (lane == 0u) {
    ${put(COLUMN.mean, "mean")}
    ${put(COLUMN.squares, "squares")}
    ${put(COLUMN.least, "range.x")}
    ${put(COLUMN.most, "range.y")}
    ${put(COLUMN.magnitude, "magnitudes")}
  }
}`;

const partialOf = (column: number): string => `select(0.0, partials[${column}u * parts + min(lane, parts - 1u)], lane < parts)`;

/** Declares `m0`, `m1` ... from what the passes before left. */
const magnitudesOfParts = (count: number) =>
  unroll(count, (j) => `let m${j} = total(${partialOf(COLUMN.magnitude + j)}, 0.0, lane).x / f32(size);`);

/** The sums of residual `j` (0: none) and of the ternary scale. */
export const restOfParts = (j: number, ternary: boolean) => `
${SIGNED}
${REDUCTIONS}
${MAIN} {
  ${PART}
  ${magnitudesOfParts(Math.max(1, j))}
  ${j > 0 ? restAfter(j) : ""}
  ${ternary ? TERNARY : ""}
  if (lane == 0u) {
    ${j > 0 ? put(COLUMN.magnitude + j, `rest${j}`) : ""}
    ${ternary ? `${put(COLUMN.ternarySum, "ternary.x")} ${put(COLUMN.ternaryCount, "ternary.y")}` : ""}
  }
}`;

/** Combines the parts' means and squares (Chan, Golub and LeVeque 1983). */
export const combined = (done: string, residuals: number, ternary: boolean) => `
${EXACT}
${REDUCTIONS}
${MAIN} {
  let size = arrayLength(&x);
  let parts = arrayLength(&partials) / ${COLUMN.count}u;
  let part = (size + parts - 1u) / parts;
  let first = min(lane, parts - 1u);
  let count = select(0.0, f32(min(part, size - first * part)), lane < parts);
  let mean = total(count * ${partialOf(COLUMN.mean)}, 0.0, lane).x / f32(size);
  let apart = ${partialOf(COLUMN.mean)} - mean;
  let squares = total(${partialOf(COLUMN.squares)} + count * apart * apart, 0.0, lane).x;
  let range = extremes(partials[${COLUMN.least}u * parts + first], partials[${COLUMN.most}u * parts + first], lane);
  ${magnitudesOfParts(residuals)}
  ${ternary ? `let ternary = total(${partialOf(COLUMN.ternarySum)}, ${partialOf(COLUMN.ternaryCount)}, lane);` : ""}
  ${done}
}`;

export const whole = (done: string, residuals: number, ternary: boolean) => `
${EXACT}
${SIGNED}
${REDUCTIONS}
${MAIN} {
  let size = arrayLength(&x);
  let begin = 0u;
  let end = size;
  ${MOMENTS}
  let m0 = magnitudes / f32(size);
  ${unroll(residuals - 1, (j) => `${restAfter(j + 1)} let m${j + 1} = rest${j + 1} / f32(size);`)}
  ${ternary ? TERNARY : ""}
  ${done}
}`;

export const results = (residuals: number, ternary: boolean) => `
  if (lane == 0u) {
    ${unroll(RESIDUALS, (j) => `statistics[${j}] = ${j < residuals ? `m${j}` : "0.0"};`)}
    statistics[${STATISTIC.deviation}] = exactRoot(exactQuotient(squares, f32(max(size, 2u) - 1u)));
    statistics[${STATISTIC.minimum}] = range.x;
    statistics[${STATISTIC.range}] = range.y - range.x;
    statistics[${STATISTIC.largest}] = max(-range.x, range.y);
    statistics[${STATISTIC.ternary}] = ${ternary ? "ternary.x / max(ternary.y, 1.0)" : "0.0"};
  }`;

/** After the results: the moving average of all. */
export const AVERAGE = `
  if (lane == 0u) {
    for (var i = 0u; i < ${SCHEME_STATISTICS}u; i++) {
      averaged[i] = parameters.momentum * average[i] + (1.0 - parameters.momentum) * statistics[i];
    }
  }`;
