/** Every quantizer of a role on the same values, side by side: levels, staircase, error. Nothing is trained for it. */
import * as tf from "@tensorflow/tfjs-core";
import { createGraph } from "../core/graph";
import { layersOf, type Layer } from "../core/layers";
import type { LabQuantizer, LabView } from "../core/views";
import type { Role } from "../core/search";
import { quantizersFor, type Quantizer } from "./quantizers";

/** Enough for smooth figures, and for the error of 8 bits. */
export const LAB_VALUES = 4096;
const MOST_BITS = 8;
const BINS = 64;

/** `values` ascending, in any number above 0. Throws a RangeError for values that have no histogram. */
export async function viewQuantizers(values: Float32Array, role: Role, bits: number): Promise<LabView> {
  const [min, max] = [values[0] ?? NaN, values.at(-1) ?? NaN];
  if (!Number.isFinite(min) || !Number.isFinite(max)) throw new RangeError("There are no finite values to quantize.");
  const quantizers = quantizersFor(role, MOST_BITS);
  const widths = quantizers.map(({ minBits, maxBits }) =>
    Array.from({ length: MOST_BITS }, (_, i) => i + 1).filter((width) => width >= minBits && width <= maxBits),
  );
  const outputs = await quantized(values, quantizers, widths, role);
  let next = 0;
  const views = quantizers.map(({ id, label }, k): LabQuantizer => {
    const quality: (number | null)[] = Array<null>(MOST_BITS).fill(null);
    let stairs: LabQuantizer["stairs"] = [];
    for (const width of widths[k] as readonly number[]) {
      const y = outputs.subarray(next, (next += values.length));
      const scale = bestScale(values, y);
      quality[width - 1] = signalToNoise(values, y, scale);
      if (width === bits) stairs = stairsOf(values, y, scale);
    }
    return { id, label, quality, stairs };
  });
  return { min, max, counts: histogram(values, min, max), quantizers: withoutCopies(views) };
}

/** At most `LAB_VALUES` of a tensor's values, ascending: the ends, and as many in every part as lie there. */
export function spread(values: Float32Array): Float32Array {
  const sorted = values.slice().sort();
  const count = Math.min(LAB_VALUES, sorted.length);
  return Float32Array.from(
    { length: count },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / Math.max(1, count - 1))] ?? 0,
  );
}

/** What each quantizer makes of the values at each of its widths, one after another. One read-back for all. */
async function quantized(
  values: Float32Array,
  quantizers: readonly Quantizer[],
  widths: readonly (readonly number[])[],
  role: Role,
) {
  const layer = layerFor(values.length);
  const all = tf.tidy(() => {
    const x = tf.tensor2d(values, [values.length, 1]);
    const rows = quantizers.flatMap((quantizer, k) =>
      (widths[k] as readonly number[]).map((width) => {
        const open = quantizer.open(layer, width, role);
        open.calibrate(x);
        const y = open.apply(x, false);
        open.dispose();
        return y;
      }),
    );
    return tf.concat(rows);
  });
  const read = (await all.data()) as Float32Array;
  all.dispose();
  return read;
}

/** A dense layer of one unit: values are its weights, or its inputs. */
function layerFor(size: number): Layer {
  const [layer] = layersOf(
    createGraph("lab", [
      { name: "input", inputs: [], op: "input", shape: [size] },
      { name: "lab", inputs: ["input"], op: "dense", units: 1, bias: false },
    ]),
  );
  return layer as Layer;
}

/** The factor on y that brings it nearest to x in the mean square: a batch normalisation behind the layer takes any. */
function bestScale(x: Float32Array, y: Float32Array): number {
  let [along, own] = [0, 0];
  y.forEach((value, i) => {
    along += value * (x[i] as number);
    own += value * value;
  });
  return own > 0 ? along / own : 0;
}

/** No error at all prints as the resolution of single precision. */
const MOST_DECIBELS = 144;

function signalToNoise(x: Float32Array, y: Float32Array, scale: number): number {
  let [signal, noise] = [0, 0];
  x.forEach((value, i) => {
    signal += value * value;
    noise += (value - scale * (y[i] as number)) ** 2;
  });
  return signal === 0 ? 0 : Math.min(MOST_DECIBELS, 10 * Math.log10(signal / noise));
}

function stairsOf(x: Float32Array, y: Float32Array, scale: number): LabQuantizer["stairs"] {
  const stairs: { from: number; value: number }[] = [];
  y.forEach((value, i) => {
    if (i > 0 && value === y[i - 1]) return;
    const at = x[i] as number;
    // A step lies somewhere between two neighbouring values.
    stairs.push({ from: i === 0 ? at : (at + (x[i - 1] as number)) / 2, value: scale * value });
  });
  return stairs;
}

/** Two that differ by a factor only are one: the first stands for both. */
function withoutCopies(views: readonly LabQuantizer[]): readonly LabQuantizer[] {
  const seen = new Set<string>();
  return views.filter(({ quality }) => {
    const key = quality.map((value) => value?.toFixed(3) ?? "").join();
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function histogram(values: Float32Array, min: number, max: number): Uint32Array {
  const counts = new Uint32Array(BINS);
  for (const value of values) {
    const bin = max > min ? Math.min(BINS - 1, Math.floor(((value - min) / (max - min)) * BINS)) : 0;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}
