/** Arrays of numbers as images: which axis is which, and how values become bytes. */
import { FormatError } from "../../../core/dataset";
import type { NpyArray } from "./npy";

export interface Layout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Whether the channels stand before height and width. */
  readonly channelsFirst: boolean;
}

/** More channels than colour and opacity need are rather an axis of pixels. */
const MOST_CHANNELS = 4;

/** Sides of images that come as rows: less is rather a table of measurements. */
const LEAST_ROW_SIDE = 8;

/** How [N, H, W], [N, H, W, C], [N, C, H, W], or [N, pixels] of square images in bytes lies; null if the inputs are no images. */
export function layoutOf({ shape, isBytes }: NpyArray): Layout | null {
  const [, a = 0, b = 0, c = 0] = shape;
  switch (shape.length) {
    case 2: {
      const side = Math.sqrt(a);
      const square = isBytes && Number.isInteger(side) && side >= LEAST_ROW_SIDE;
      return square ? { height: side, width: side, channels: 1, channelsFirst: false } : null;
    }
    case 3:
      return { height: a, width: b, channels: 1, channelsFirst: false };
    case 4:
      if (c <= MOST_CHANNELS) return { height: a, width: b, channels: c, channelsFirst: false };
      return a <= MOST_CHANNELS ? { height: b, width: c, channels: a, channelsFirst: true } : null;
    default:
      return null;
  }
}

export interface ByteScale {
  readonly toByte: (value: number) => number;
  /** What the data set's name says about it; "" if there is nothing to say. */
  readonly note: string;
}

/** How the values of some arrays become bytes: as they are up to 255, floats from 0 to 1 times 255, anything else from least to most. */
export async function scaleFor(arrays: readonly NpyArray[]): Promise<ByteScale> {
  if (arrays.every(({ isBytes }) => isBytes)) return { toByte: (value) => value, note: "" };
  let [least, most, whole] = [Infinity, -Infinity, true];
  for (const { name, each } of arrays) {
    await each((values) => {
      for (let i = 0; i < values.length; i++) {
        const value = values[i] as number;
        if (!Number.isFinite(value)) throw new FormatError(`"${name}" holds a value that is no number (${value}): remove it.`);
        if (value < least) least = value;
        if (value > most) most = value;
        if (whole && !Number.isInteger(value)) whole = false;
      }
    });
  }
  // Black and white may come as 0 and 1.
  if (least >= 0 && most <= 1) return { toByte: (value) => Math.round(255 * value), note: "" };
  if (least >= 0 && most <= 255 && (whole || most > 2)) return { toByte: Math.round, note: "" };
  const factor = most > least ? 255 / (most - least) : 0;
  return { toByte: (value) => Math.round((value - least) * factor), note: `values ${least} to ${most} as 0 to 255` };
}

/** All images of an array as bytes, [N, height, width, channels]. */
export async function readImageArray(array: NpyArray, layout: Layout, toByte: (value: number) => number): Promise<Uint8Array> {
  const strides = stridesOf(array, layout);
  const sizes = array.fortran ? array.shape : [...array.shape].reverse();
  const images = new Uint8Array(array.shape.reduce((product, size) => product * size, 1));
  const straight = !array.fortran && !layout.channelsFirst;
  await array.each((values, from) => {
    for (let i = 0; i < values.length; i++) {
      const at = straight ? from + i : placeOf(from + i, sizes, strides);
      images[at] = toByte(values[i] as number);
    }
  });
  return images;
}

/** Where an element lies in the result, by its number in the file. */
function placeOf(element: number, sizes: readonly number[], strides: readonly number[]): number {
  let place = 0;
  let rest = element;
  for (let axis = 0; axis < sizes.length; axis++) {
    const size = sizes[axis] as number;
    place += (rest % size) * (strides[axis] as number);
    rest = Math.floor(rest / size);
  }
  return place;
}

/** How far one step along each axis goes in the result; axes in the order in which they run in the file, the fastest first. */
function stridesOf({ shape, fortran }: NpyArray, { height, width, channels, channelsFirst }: Layout): readonly number[] {
  const image = height * width * channels;
  const flat = shape.length === 2;
  const axes = flat
    ? [image, 1]
    : shape.length === 3
      ? [image, width, 1]
      : channelsFirst
        ? [image, 1, width * channels, channels]
        : [image, width * channels, channels, 1];
  return fortran ? axes : [...axes].reverse();
}
