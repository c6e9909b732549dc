/** Packed images of any size become one array of equal ones. */
import { BMP } from "image-size/types/bmp";
import { GIF } from "image-size/types/gif";
import { JPG } from "image-size/types/jpg";
import { PNG } from "image-size/types/png";
import { WEBP } from "image-size/types/webp";
import type { Resizing } from "../../../core/config";
import { FormatError } from "../../../core/dataset";
import type { DecodeImage, Pixels, ReadContext, ReadLimits } from "../reader";
import { drawResized, type Size } from "./resize";

/** The kinds of image files that browsers decode, by the ends of their names. */
export const IMAGE_NAME = /\.(png|jpe?g|webp|gif|bmp)$/i;
const IMAGE_TYPES = [PNG, JPG, WEBP, GIF, BMP] as const;

/** Without a wish, images are not made larger than this: training time grows with the square. */
const MOST_UNASKED = 64;

/** Refuses a packed image that is too large. */
export function checkImageBytes(name: string, bytes: number, { imageBytes }: ReadLimits): void {
  if (bytes > imageBytes) {
    throw new FormatError(`"${name}" has ${bytes} bytes; an image may have ${imageBytes}. Make it smaller.`);
  }
}

/** An image's size by its first bytes, before anything is unpacked; a FormatError if it is no image or too large a one. */
export function sizeOf(name: string, bytes: Uint8Array, { pixels }: ReadLimits): Size {
  let found: Size | undefined;
  try {
    found = IMAGE_TYPES.find((type) => type.validate(bytes))?.calculate(bytes);
  } catch (error) {
    throw new FormatError(`"${name}" is damaged: its size cannot be read. Leave it out.`, { cause: error });
  }
  if (!found) throw new FormatError(`"${name}" is no PNG, JPEG, WebP, GIF or BMP image, or it is damaged. Leave it out.`);
  const { height, width } = found;
  if (!(height >= 1 && width >= 1 && height * width <= pixels)) {
    throw new FormatError(`"${name}" has ${height} x ${width} pixels; at most ${pixels} can be read. Make it smaller.`);
  }
  return { height, width };
}

/** The size that images of these sizes are brought to. */
export function commonSize(sizes: readonly Size[], { side }: Resizing): Size {
  if (side > 0) return { height: side, width: side };
  const counts = new Map<string, { readonly size: Size; count: number }>();
  for (const size of sizes) {
    const known = counts.get(`${size.height} ${size.width}`);
    if (known) known.count++;
    else counts.set(`${size.height} ${size.width}`, { size, count: 1 });
  }
  const [commonest] = [...counts.values()].sort((a, b) => b.count - a.count);
  const { height, width } = commonest?.size ?? { height: MOST_UNASKED, width: MOST_UNASKED };
  return Math.max(height, width) <= MOST_UNASKED ? { height, width } : { height: MOST_UNASKED, width: MOST_UNASKED };
}

/** Enough to keep a browser's decoders busy; each holds one image in full size. */
const AT_ONCE = 8;

/** Does `work` for 0 to `count` - 1, several at a time. */
export async function severalAtOnce(count: number, work: (i: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => work(from + i)));
  }
}

export interface ImageWriter {
  /** Decodes a packed image and draws it as number `index`. */
  readonly write: (index: number, name: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  /** All images, [count, height, width, channels]: one channel if every image is grey. */
  readonly finish: () => { readonly images: Uint8Array; readonly channels: 1 | 3 };
}

/** Room for `count` images of a size. A FormatError if they are too many. */
export function createImageWriter(
  count: number,
  size: Size,
  { limits, resizing, decodeImage }: Pick<ReadContext, "limits" | "resizing" | "decodeImage">,
): ImageWriter {
  const pixels = size.height * size.width;
  const total = count * (3 * pixels + 2);
  if (total > limits.datasetBytes) {
    throw new FormatError(
      `${count} images of ${size.height} x ${size.width} pixels have ${total} bytes; at most ${limits.datasetBytes} can be held. Choose a smaller side or give fewer images.`,
    );
  }
  const images = new Uint8Array(count * pixels * 3);
  return {
    write: async (index, name, bytes) => {
      sizeOf(name, bytes, limits);
      const decoded = await decode(name, bytes, decodeImage, limits);
      drawResized(decoded, size, resizing.fit, images.subarray(index * pixels * 3, (index + 1) * pixels * 3));
    },
    finish: () => (isGrey(images) ? { images: oneChannel(images), channels: 1 } : { images, channels: 3 }),
  };
}

async function decode(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  decodeImage: DecodeImage,
  { pixels }: ReadLimits,
): Promise<Pixels> {
  let decoded: Pixels;
  try {
    decoded = await decodeImage(bytes);
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(`"${name}": ${error.message}`, { cause: error });
    throw new FormatError(`"${name}" is damaged, or an image of a kind that cannot be read here. Leave it out.`, {
      cause: error,
    });
  }
  const { height, width, rgba } = decoded;
  if (height * width > pixels || rgba.length !== height * width * 4) {
    throw new FormatError(`"${name}" has other pixels than it says. Leave it out.`);
  }
  return decoded;
}

function isGrey(images: Uint8Array): boolean {
  for (let at = 0; at < images.length; at += 3) {
    if (images[at] !== images[at + 1] || images[at] !== images[at + 2]) return false;
  }
  return true;
}

const oneChannel = (images: Uint8Array): Uint8Array => {
  const grey = new Uint8Array(images.length / 3);
  for (let i = 0; i < grey.length; i++) grey[i] = images[3 * i] as number;
  return grey;
};
