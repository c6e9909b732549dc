/** Decodes images with the browser's own decoders. */
import type { DecodeImage } from "../src/formats/read";

/** Rejects what the browser cannot read. */
export const decodeImage: DecodeImage = async (bytes) => {
  // Pixels as they are stored: other settings would change them with the screen's profile, and with their opacity.
  const bitmap = await createImageBitmap(new Blob([bytes]), { premultiplyAlpha: "none", colorSpaceConversion: "none" });
  const { height, width } = bitmap;
  try {
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("There is no canvas to decode images with.");
    context.drawImage(bitmap, 0, 0);
    return { height, width, rgba: context.getImageData(0, 0, width, height).data };
  } finally {
    bitmap.close();
  }
};
