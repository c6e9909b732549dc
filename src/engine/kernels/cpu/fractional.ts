/**
 * Reference arithmetic of the fractional quantizers (FracBits): what every other backend is compared with. Values are rounded to
 * float32 where the GPU and WebAssembly kernels round; sums are kept in float64.
 */
import { roundHalfEven } from "../../../core/round";
import { FRAC_LEAST_DEVIATION, type FracActivationAttrs, type FracWeightAttrs } from "../contract";
import { sampleStd } from "./reference";

const f = Math.fround;

/** Least positive normal float32: what stands in for a clip, or a largest weight, of zero. */
const TINY = 2 ** -126;

/** Widths of one call: floor and ceil of each channel, the share of ceil. Element i belongs to channel i mod C'. */
export interface Widths {
  /** [2, C'] */
  readonly widths: Float32Array;
  /** [C'] */
  readonly share: Float32Array;
  readonly modified: boolean;
}

/** The unit quantizer of the contract at an integer width, in float32. */
function unit(v: number, bits: number, modified: boolean, zeroPoint: number): number {
  if (bits === 0) return Number.isNaN(v) ? v : zeroPoint;
  if (modified) return Math.min(Math.floor(f(v * 2 ** bits)), 2 ** bits - 1) / 2 ** bits;
  return f(roundHalfEven(f(v * (2 ** bits - 1))) / (2 ** bits - 1));
}

/** Both neighbours of element `i` at `v`: their mixture and their difference, ceil minus floor. */
function interpolate(v: number, i: number, { widths, share, modified }: Widths, zeroPoint: number): { q: number; gap: number } {
  const c = i % share.length;
  const h = share[c] as number;
  const floor = unit(v, widths[c] as number, modified, zeroPoint);
  const ceil = unit(v, widths[share.length + c] as number, modified, zeroPoint);
  return { q: f(f(f(1 - h) * floor) + f(h * ceil)), gap: f(ceil - floor) };
}

/** Weights mapped to [0, 1]: t = tanh(w), its largest magnitude m, u = t / 2m + 1/2. */
function unitWeights(w: Float32Array): { largest: number; m: number; t: Float32Array; u: Float32Array } {
  const largest = w.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const m = f(Math.tanh(largest));
  const t = w.map((value) => Math.tanh(value));
  const divisor = Math.max(m, TINY);
  return { largest, m, t, u: t.map((value) => f(f(value / divisor) * 0.5) + 0.5) };
}

/** [y, scale, largest] of the contract. */
export function fracWeight(
  w: Float32Array,
  widths: Widths,
  { rescale, fanOut }: FracWeightAttrs,
): { readonly y: Float32Array; readonly scale: number; readonly largest: number } {
  const { largest, u } = unitWeights(w);
  const q = u.map((value, i) => f(2 * interpolate(value, i, widths, 0.5).q) - 1);
  const deviation = rescale === "none" ? 0 : sampleStd(q);
  const wanted = rescale === "stddev" ? sampleStd(w) : f(1 / Math.sqrt(fanOut));
  const scale = deviation <= FRAC_LEAST_DEVIATION ? 1 : f(wanted / deviation);
  return { y: q.map((value) => scale * value), scale, largest };
}

/** [dw, dshare] of the contract. */
export function fracWeightGrad(
  w: Float32Array,
  dy: Float32Array,
  scale: number,
  widths: Widths,
): { readonly dw: Float32Array; readonly dshare: Float32Array } {
  const { largest, m, t, u } = unitWeights(w);
  const dshare = new Float64Array(widths.share.length);
  let [along, ties] = [0, 0];
  w.forEach((value, i) => {
    const g = scale * (dy[i] as number);
    const c = i % dshare.length;
    dshare[c] = (dshare[c] as number) + g * 2 * interpolate(u[i] as number, i, widths, 0.5).gap;
    along += g * (t[i] as number);
    if (Math.abs(value) === largest) ties++;
  });
  // An all-zero weight has no direction to be scaled in.
  if (m === 0) return { dw: new Float32Array(w.length), dshare: Float32Array.from(dshare) };
  const throughMaximum = -along / m ** 2 / ties;
  const dw = w.map((value, i) => {
    const dt = (scale * (dy[i] as number)) / m + (Math.abs(value) === largest ? throughMaximum * Math.sign(value) : 0);
    return dt * (1 - (t[i] as number) ** 2);
  });
  return { dw, dshare: Float32Array.from(dshare) };
}

/** One activation: where it lies in the clip range, and its quantized value over the clip. */
function unitActivation(x: number, a: number, i: number, widths: Widths, twoSided: boolean) {
  const t = Math.min(Math.max(f(x / a), twoSided ? -1 : 0), 1);
  if (!twoSided) return { t, ...interpolate(t, i, widths, 0) };
  const { q, gap } = interpolate(f(t + 1) / 2, i, widths, 0.5);
  return { t, q: f(f(2 * q) - 1), gap: 2 * gap };
}

const clipOf = (clip: number): number => Math.max(Math.abs(clip), TINY);

/** y of the contract. */
export function fracActivation(
  x: Float32Array,
  widths: Widths,
  clip: number,
  { twoSided }: Pick<FracActivationAttrs, "twoSided">,
): Float32Array {
  const a = clipOf(clip);
  return x.map((value, i) => a * unitActivation(value, a, i, widths, twoSided).q);
}

/** [dx, dshare, dclip] of the contract. */
export function fracActivationGrad(
  x: Float32Array,
  dy: Float32Array,
  widths: Widths,
  clip: number,
  { twoSided }: Pick<FracActivationAttrs, "twoSided">,
): { readonly dx: Float32Array; readonly dshare: Float32Array; readonly dclip: number } {
  const a = clipOf(clip);
  const dshare = new Float64Array(widths.share.length);
  let dclip = 0;
  const dx = x.map((value, i) => {
    const upstream = dy[i] as number;
    const { t, q, gap } = unitActivation(value, a, i, widths, twoSided);
    const inside = value > (twoSided ? -a : 0) && value < a;
    const c = i % dshare.length;
    dshare[c] = (dshare[c] as number) + upstream * a * gap;
    dclip += upstream * (inside ? f(q - t) : q);
    return inside ? upstream : 0;
  });
  return { dx, dshare: Float32Array.from(dshare), dclip: Math.sign(clip) * dclip };
}
