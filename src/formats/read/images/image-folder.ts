/** Images in folders that are named like their classes, in a zip archive or as they lie. */
import { FormatError, imageDataset } from "../../../core/dataset";
import type { NamedBytes } from "../bytes";
import type { DataReader, InputFile, ReadContext, ReadLimits } from "../reader";
import { isZip, openZip } from "../zip";
import { checkImageBytes, commonSize, createImageWriter, severalAtOnce, sizeOf } from "./image-writer";
import { labelledFiles } from "./labelled-paths";
import type { Size } from "./resize";

/** Reads PNG, JPEG, WebP, GIF and BMP files, in as many folders as there are classes. */
export const imageFolder: DataReader = {
  id: "image-folder",
  label: "a zip archive or a folder of images with one folder for each class",
  manyFiles: true,
  names: /\.(zip|png|jpe?g|webp|gif|bmp)$/i,
  recognises: ({ head }) => isZip(head),
  read: async (files, context) => {
    const { name, members } = await open(files, context);
    const { classes, train, test, note } = labelledFiles(`"${name}"`, members);
    const all = [...train, ...test];
    if (all.length > context.limits.entries) {
      throw new FormatError(`"${name}" has ${all.length} images; at most ${context.limits.entries} can be read.`);
    }
    const size = commonSize(
      await sizesOf(
        all.map(({ file }) => file),
        context,
      ),
      context.resizing,
    );
    const { images, channels } = await readImages(
      all.map(({ file }) => file),
      size,
      context,
    );
    const perImage = size.height * size.width * channels;
    const part = (from: number, to: number): { readonly images: Uint8Array; readonly labels: Uint16Array } => ({
      images: images.subarray(from * perImage, to * perImage),
      labels: Uint16Array.from(all.slice(from, to), ({ label }) => label),
    });
    const { side, fit } = context.resizing;
    const about = { id: "imported", name: note === "" ? name : `${name} (${note})`, classes, ...size, channels };
    return imageDataset(
      { ...about, resizing: { side, fit } },
      { train: part(0, train.length), test: part(train.length, all.length) },
    );
  },
};

/** The files themselves, or those of the one archive. */
async function open(
  files: readonly InputFile[],
  { limits }: ReadContext,
): Promise<{ readonly name: string; readonly members: readonly NamedBytes[] }> {
  const archive = files.find(({ file, head }) => isZip(head) || /\.zip$/i.test(file.name));
  if (!archive) {
    const [first = ""] = files[0]?.file.path.split("/") ?? [];
    const shared = first !== "" && files.every(({ file }) => file.path.startsWith(`${first}/`));
    return { name: shared ? first : "Images", members: files.map(({ file }) => file) };
  }
  if (files.length > 1) {
    throw new FormatError(`"${archive.file.name}" is an archive and is read alone: leave the other files out.`);
  }
  return {
    name: archive.file.name,
    members: await openZip(archive.file, { bytes: limits.datasetBytes, entries: limits.entries }),
  };
}

/** Enough to know what is common, few enough to be quick. */
const LOOKED_AT = 200;

/** Sizes of some images, spread over all of them. */
async function sizesOf(files: readonly NamedBytes[], { limits, tell }: ReadContext): Promise<readonly Size[]> {
  const step = Math.max(1, Math.floor(files.length / LOOKED_AT));
  const looked = files.filter((_, i) => i % step === 0);
  const sizes: Size[] = [];
  for (const [i, file] of looked.entries()) {
    tell({ what: "Looking at images", done: i, total: looked.length });
    sizes.push(sizeOf(file.path, await bytesOf(file, limits), limits));
  }
  return sizes;
}

async function readImages(
  files: readonly NamedBytes[],
  size: Size,
  context: ReadContext,
): Promise<{ readonly images: Uint8Array; readonly channels: number }> {
  const writer = createImageWriter(files.length, size, context);
  await severalAtOnce(files.length, async (i) => {
    const file = files[i] as NamedBytes;
    context.tell({ what: "Decoding images", done: i, total: files.length });
    await writer.write(i, file.path, await bytesOf(file, context.limits));
  });
  return writer.finish();
}

/** A whole image file. */
function bytesOf(file: NamedBytes, limits: ReadLimits): Promise<Uint8Array<ArrayBuffer>> {
  checkImageBytes(file.path, file.size, limits);
  return file.slice(0, file.size);
}
