/** Weights and activations at a fractional width (FracBits), and their gradients. */
import type * as tf from "@tensorflow/tfjs-core";
import { FRAC_LEAST_DEVIATION, KERNELS, type FracActivationAttrs, type FracWeightAttrs } from "../contract";
import { CHUNK, FRACTIONAL, FRAC_PAD, LARGEST_MAGNITUDE, MULTIPLY, TANH, WEIGHT_GRADIENT } from "./kernel-ids";
import { standardDeviation } from "./mixture";
import { address, input, output, register, sizeOf, type Call } from "./register";
import { chunkCount, constantsBytes, layoutOf, writeConstants, type Layout } from "./width-constants";

export function registerFractional(): void {
  register(KERNELS.fracWeight, fracWeight);
  register(KERNELS.fracWeightGrad, fracWeightGrad);
  register(KERNELS.fracActivation, fracActivation);
  register(KERNELS.fracActivationGrad, fracActivationGrad);
}

/** Least positive normal float32: what stands in for a clip, or a largest weight, of zero. */
const TINY = 2 ** -126;

/** x is clipped to [0, divisor], or [-divisor, divisor]; the output lies in [0, factor], or [-factor, factor]. */
interface Range {
  readonly divisor: number;
  readonly twoSided: boolean;
  readonly factor: number;
}

/** Byte addresses of the arrays of one run; 0: none. */
interface Arrays {
  readonly x: number;
  readonly y?: number;
  readonly dy?: number;
  readonly dx?: number;
  readonly w?: number;
}

/** The sums that a backward run leaves: of each channel, then two of all elements. */
interface Sums {
  readonly gaps: Float64Array;
  readonly total: number;
  readonly ties: number;
}

function fracActivation(call: Call<FracActivationAttrs>): tf.TensorInfo {
  const x = input(call, "x");
  const y = output(call, x.shape);
  runFractional(call, x, { x: address(call, x), y: address(call, y) }, rangeOf(call));
  return y;
}

function fracActivationGrad(call: Call<FracActivationAttrs>): tf.TensorInfo[] {
  const x = input(call, "x");
  const dx = output(call, x.shape);
  const range = rangeOf(call);
  const arrays = { x: address(call, x), dy: address(call, input(call, "dy")), dx: address(call, dx) };
  const { gaps, total } = runFractional(call, x, arrays, range);
  const dshare = vector(call, scaled(gaps, range.divisor));
  return [dx, dshare, vector(call, [Math.sign(scalar(call, "clip")) * total])];
}

function rangeOf(call: Call<FracActivationAttrs>): Range {
  const a = Math.max(Math.abs(scalar(call, "clip")), TINY);
  return { divisor: a, twoSided: call.attrs.twoSided, factor: a };
}

function fracWeight(call: Call<FracWeightAttrs>): tf.TensorInfo[] {
  const w = input(call, "w");
  const y = output(call, w.shape);
  const largest = largestMagnitude(call, w);
  runTanh(call, w, y);
  const at = address(call, y);
  runFractional(call, y, { x: at, y: at }, weightRange(largest));
  const { rescale, fanOut } = call.attrs;
  const deviation = rescale === "none" ? 0 : Math.fround(standardDeviation(call, y));
  let scale = 1;
  // A NaN among the weights passes through here, and on.
  if (!(deviation <= FRAC_LEAST_DEVIATION)) {
    scale = Math.fround(Math.fround(rescale === "stddev" ? standardDeviation(call, w) : 1 / Math.sqrt(fanOut)) / deviation);
    call.module.run(MULTIPLY, flatChunks(y), [at, sizeOf(y)], [scale]);
  }
  return [y, vector(call, [scale]), vector(call, [largest])];
}

function fracWeightGrad(call: Call<{ readonly modified: boolean }>): tf.TensorInfo[] {
  const w = input(call, "w");
  const dw = output(call, w.shape);
  const [largest, scale] = [scalar(call, "largest"), scalar(call, "scale")];
  const m = Math.fround(Math.tanh(largest));
  runTanh(call, w, dw);
  const [t, dy, weights] = [dw, input(call, "dy"), w].map((tensor) => address(call, tensor)) as [number, number, number];
  const { gaps, total, ties } = runFractional(call, w, { x: t, dy, w: weights }, weightRange(largest), largest);
  const dshare = vector(call, scaled(gaps, scale));
  // An all-zero weight has no direction to be scaled in.
  const slope = m === 0 ? 0 : scale / m;
  const through = m === 0 ? 0 : (-scale * total) / m ** 2 / ties;
  call.module.run(WEIGHT_GRADIENT, flatChunks(w), [t, weights, dy, sizeOf(w)], [slope, largest, through]);
  return [dw, dshare];
}

function weightRange(largest: number): Range {
  return { divisor: Math.max(Math.fround(Math.tanh(largest)), TINY), twoSided: true, factor: 1 };
}

function runTanh(call: Call<unknown>, x: tf.TensorInfo, y: tf.TensorInfo): void {
  call.module.run(TANH, flatChunks(x), [address(call, x), address(call, y), sizeOf(x)]);
}

function largestMagnitude(call: Call<unknown>, x: tf.TensorInfo): number {
  const partials = call.module.scratch(4 * flatChunks(x));
  call.module.run(LARGEST_MAGNITUDE, flatChunks(x), [address(call, x), sizeOf(x), partials]);
  const first = partials >>> 2;
  return call.module
    .views()
    .float32.subarray(first, first + flatChunks(x))
    .reduce((most, value) => Math.max(most, value), 0);
}

function flatChunks(tensor: tf.TensorInfo): number {
  return Math.ceil(sizeOf(tensor) / CHUNK);
}

/** Forward if the arrays have a y; else backward, of activations if they have a dx, of weights if they have a w. */
function runFractional(
  call: Call<{ readonly modified: boolean }>,
  like: tf.TensorInfo,
  { x, y = 0, dy = 0, dx = 0, w = 0 }: Arrays,
  { divisor, twoSided, factor }: Range,
  largest = 0,
): Sums {
  const { module } = call;
  const channels = sizeOf(input(call, "share"));
  const layout = layoutOf(sizeOf(like), channels);
  const chunks = chunkCount(layout);
  const sumsBytes = 8 * chunks * (layout.width + 2);
  const sums = module.scratch(sumsBytes + FRAC_PAD + constantsBytes(layout));
  const pad = sums + sumsBytes;
  const constants = pad + FRAC_PAD;
  const { float32 } = module.views();
  const [floors, shares] = [address(call, input(call, "widths")) >>> 2, address(call, input(call, "share")) >>> 2];
  const data = {
    widths: float32.subarray(floors, floors + 2 * channels),
    share: float32.subarray(shares, shares + channels),
    modified: call.attrs.modified,
    twoSided,
  };
  const flags = writeConstants(float32, constants >>> 2, layout, data, y === 0);
  const ints = [x, layout.n, layout.width, layout.chunkRows, flags, constants, y, dy, dx, w, sums, pad];
  module.run(FRACTIONAL, chunks, ints, [divisor, factor, largest]);
  return sumsOf(module.views().float64.subarray(sums >>> 3), y === 0 ? chunks : 0, layout);
}

/** Sums of `chunks` chunks, each of its columns and then two more. */
function sumsOf(partials: Float64Array, chunks: number, { channels, width }: Layout): Sums {
  const gaps = new Float64Array(channels);
  let [total, ties] = [0, 0];
  for (let chunk = 0, at = 0; chunk < chunks; chunk++, at += width + 2) {
    for (let column = 0, c = 0; column < width; column++, c = c === channels - 1 ? 0 : c + 1) {
      gaps[c] = (gaps[c] ?? 0) + (partials[at + column] ?? 0);
    }
    total += partials[at + width] ?? 0;
    ties += partials[at + width + 1] ?? 0;
  }
  return { gaps, total, ties };
}

function scaled(values: Float64Array, factor: number): Float64Array {
  return values.map((value) => factor * value);
}

function scalar(call: Call<unknown>, name: string): number {
  return call.module.views().float32[address(call, input(call, name)) >>> 2] ?? 0;
}

function vector(call: Call<unknown>, values: ArrayLike<number>): tf.TensorInfo {
  const tensor = output(call, [values.length]);
  call.module.views().float32.set(values, address(call, tensor) >>> 2);
  return tensor;
}
