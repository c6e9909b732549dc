/** The browser's decoder beside the one of the command line. */
import { expect, test } from "vitest";
import { decodeImage } from "../../../../workers/decode-image";
import { drawResized } from "./resize";

/** A picture in the given format, drawn by the browser. */
async function picture(type: string): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(6, 4);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("There is no canvas.");
  context.fillStyle = "rgb(200, 100, 50)";
  context.fillRect(0, 0, 6, 4);
  context.fillStyle = "rgb(0, 20, 250)";
  context.fillRect(3, 0, 3, 4);
  return new Uint8Array(await (await canvas.convertToBlob({ type, quality: 1 })).arrayBuffer());
}

test.each([
  ["image/png", 0],
  ["image/webp", 24],
  ["image/jpeg", 24],
])("%s gives its pixels in rows from the top left", async (type, tolerance) => {
  const { height, width, rgba } = await decodeImage(await picture(type));
  expect([height, width, rgba.length]).toEqual([4, 6, 96]);
  const distance = (pixel: number, colour: readonly number[]): number =>
    Math.max(...colour.map((value, c) => Math.abs(value - (rgba[4 * pixel + c] ?? NaN))));
  expect(distance(0, [200, 100, 50, 255])).toBeLessThanOrEqual(tolerance);
  expect(distance(23, [0, 20, 250, 255])).toBeLessThanOrEqual(tolerance);
});

test("what is no image is refused", async () => {
  await expect(decodeImage(new Uint8Array(100))).rejects.toThrow();
});

test("half of a picture is what it was when the picture is halved", async () => {
  const target = new Uint8Array(2 * 3 * 3);
  drawResized(await decodeImage(await picture("image/png")), { height: 2, width: 3 }, "stretch", target);
  expect([...target.slice(0, 3)]).toEqual([200, 100, 50]);
  expect([...target.slice(6, 9)]).toEqual([0, 20, 250]);
});
