/** The quantizers of a mixture of AutoQNN's schemes in WGSL (see contract.ts), and the sign that its kernels share. */
import { SCHEME_COLUMNS, SCHEME_FORM, SCHEME_LEAST_STEP, STATISTIC } from "../contract";
import { IS_NAN } from "./frac-shader";
import { EXACT, unroll } from "./wgsl";

/** `signed(v, size, zero)`: `size` with the sign of v, which is `zero` where v is 0. */
export const SIGNED = `
fn signed(v: f32, size: f32, zero: f32) -> f32 { return select(select(-size, size * zero, v == 0.0), size, v > 0.0); }`;

/** `candidate(k)`, and `quantize(v, candidate)`. Needs the storage buffers `rows` and `statistics`. */
export const SCHEMES = `
${EXACT}
${IS_NAN}
${SIGNED}
struct Candidate {
  form: u32, step: f32, scale: f32, start: f32, low: f32, high: f32, offset: f32, limit: f32, zero: f32,
};
fn exponentOf(v: f32) -> f32 { return bitcast<f32>(bitcast<u32>(v) & 0x7f800000u); }
fn candidate(k: u32) -> Candidate {
  let at = ${SCHEME_COLUMNS}u * k;
  let statistic = statistics[u32(rows[at + 1u])];
  let size = select(statistic, exponentOf(statistic), rows[at + 4u] == 1.0);
  let step = max(rows[at + 2u] * size + rows[at + 3u], ${SCHEME_LEAST_STEP});
  let place = rows[at + 6u];
  let passes = rows[at + 10u];
  return Candidate(
    u32(rows[at]),
    step,
    select(statistics[u32(max(place, 0.0))], step, place < 0.0),
    select(0.0, statistics[${STATISTIC.minimum}], rows[at + 5u] == 1.0),
    rows[at + 7u],
    rows[at + 8u],
    rows[at + 9u],
    select(passes * step, 3.4e38, passes == 0.0),
    rows[at + 11u]);
}
fn powerOf(exponent: f32) -> f32 { return bitcast<f32>((u32(exponent) + 127u) << 23u); }
fn quantize(v: f32, q: Candidate) -> f32 {
  if (isNan(v)) { return v; }
  if (q.form == ${SCHEME_FORM.residual}u) {
    var y = 0.0;
    var r = v;
    for (var j = 0u; j < u32(q.high); j++) {
      let part = signed(r, statistics[j], q.zero);
      y += part;
      r -= part;
    }
    return y;
  }
  if (q.form == ${SCHEME_FORM.power}u) {
    let position = exactQuotient(abs(v), q.step) * ${Math.fround(Math.SQRT2)};
    let level = exponentOf(clamp(position, powerOf(q.low), powerOf(q.high)));
    return signed(v, select(level, 0.5, level == 1.0) * q.scale, q.zero);
  }
  let position = exactQuotient(v - q.start, q.step);
  let level = select(round(position), floor(position), q.form == ${SCHEME_FORM.floor}u);
  return (clamp(level, q.low, q.high) + q.offset) * q.scale + q.start;
}`;

/** Declares `q0`, `q1` ... before the loop over elements. */
export const candidates = (count: number): string => unroll(count, (k) => `let q${k} = candidate(${k}u);`);
