/** Decodes PNG and JPEG in Node, which has no decoder of its own. */
import { FormatError } from "../core/dataset";
import type { DecodeImage, Pixels } from "../formats/read";

/** Rejects what it cannot read; other kinds with a sentence, since a browser could. */
export const decodeImage: DecodeImage = async (bytes) => {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpeg(bytes);
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return decodePng(bytes);
  throw new FormatError("the command line decodes PNG and JPEG only. Convert the image, or use the page.");
};

/** Of the decoder's own buffers; the number of pixels is checked before. */
const MOST_MEGABYTES = 1024;
const MOST_MEGAPIXELS = 100;

async function decodeJpeg(bytes: Uint8Array): Promise<Pixels> {
  const { default: jpeg } = await import("jpeg-js");
  const limits = { maxResolutionInMP: MOST_MEGAPIXELS, maxMemoryUsageInMB: MOST_MEGABYTES };
  const { height, width, data } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: true, tolerantDecoding: false, ...limits });
  return { height, width, rgba: data };
}

/** An interlaced image is unpacked without a limit by the library; deflate makes at most a thousand times as much. */
const MOST_INTERLACED_BYTES = 2 ** 18;
const INTERLACE_AT = 28;

async function decodePng(bytes: Uint8Array): Promise<Pixels> {
  if (bytes[INTERLACE_AT] !== 0 && bytes.length > MOST_INTERLACED_BYTES) {
    throw new FormatError("interlaced PNG files of this size are not decoded by the command line. Save it without interlacing.");
  }
  const { default: pngjs } = await import("pngjs");
  const { height, width, data } = pngjs.PNG.sync.read(Buffer.from(bytes));
  return { height, width, rgba: data };
}
