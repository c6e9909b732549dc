/** CIFAR-10's binary version (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte and 32 x 32 pixels in planes R, G, B. */
import { FormatError, type Dataset, type ImageSplit } from "../../core/dataset";
import { openBytes } from "./bytes";
import type { DataReader, InputFile, ReadLimits } from "./reader";
import { SPLIT_NOTE, splitForTest } from "./split";
import { isTar, readTar } from "./tar";

/** Reads the archive as it is downloaded, or its .bin files; any number of records in each. */
export const cifar10: DataReader = {
  id: "cifar10",
  label: "CIFAR-10's binary archive (.tar.gz) or its .bin files",
  accepts: (files) => files.some(({ file, head }) => isTar(head) || /\.(bin|tar|tgz)$/i.test(file.name.replace(/\.gz$/i, ""))),
  read: async (files, limits) => {
    const parts = await readParts(files, limits);
    const meta = parts.find(({ name }) => isMeta(name));
    const classes = meta ? parseClasses(meta) : CLASSES;
    const batches = parts.filter(({ name }) => isBatch(name)).sort((a, b) => NATURAL_ORDER.compare(a.name, b.name));
    const train = decode(batches.filter(({ name }) => !isForTest(name)));
    const test = decode(batches.filter(({ name }) => isForTest(name)));
    if (train.labels.length > 0 && test.labels.length > 0) return datasetOf({ train, test }, classes, "from files");
    const only = train.labels.length > 0 ? train : test;
    return datasetOf(splitForTest(only), classes, `from files, ${SPLIT_NOTE}`);
  },
};

const SIDE = 32;
const PLANE = SIDE * SIDE;
const CHANNELS = 3;
const IMAGE = PLANE * CHANNELS;
const RECORD = 1 + IMAGE;
/** CIFAR-100 has two labels in each record. */
const CIFAR_100_RECORD = 2 + IMAGE;
/** The file of class names has 61 bytes. */
const MAX_META_BYTES = 65_536;

const CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
/** data_batch_2 before data_batch_10. */
const NATURAL_ORDER = new Intl.Collator("en", { numeric: true });

const isMeta = (name: string): boolean => /^batches\.meta\.txt$/i.test(name);
/** Names that start with "._" are what macOS adds to archives. */
const isBatch = (name: string): boolean => /^(?!\._).*\.bin(\.gz)?$/i.test(name);
const isForTest = (name: string): boolean => /test/i.test(name);
const isWanted = (name: string): boolean => isMeta(name) || isBatch(name);

interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The unpacked files that matter, out of an archive or as they were given. */
async function readParts(files: readonly InputFile[], limits: ReadLimits): Promise<readonly Part[]> {
  const archive = files.find(({ file, head }) => isTar(head) || /\.(tar|tgz|tar\.gz)$/i.test(file.name));
  if (archive && files.length > 1) {
    throw new FormatError(`"${archive.file.name}" is an archive and is read alone: leave the other files out.`);
  }
  const parts = archive ? await readArchive(archive, limits) : await readLoose(files, limits);
  if (!parts.some(({ name }) => isBatch(name))) {
    const where = archive ? `The archive "${archive.file.name}"` : "These files";
    throw new FormatError(
      `${where} cannot be read as CIFAR-10: there is no file data_batch_1.bin or the like. Give the binary version.`,
    );
  }
  const seen = new Set<string>();
  for (const { name } of parts) {
    if (seen.has(name)) throw new FormatError(`"${name}" is there twice: its images would count double. Leave one out.`);
    seen.add(name);
  }
  return parts;
}

async function readArchive({ file }: InputFile, limits: ReadLimits): Promise<readonly Part[]> {
  const reader = await openBytes(file);
  try {
    return await readTar(reader, file.name, isWanted, { bytes: limits.datasetBytes, entries: limits.entries });
  } finally {
    await reader.close();
  }
}

async function readLoose(files: readonly InputFile[], limits: ReadLimits): Promise<readonly Part[]> {
  const parts: Part[] = [];
  let left = limits.datasetBytes;
  for (const { file } of files.filter(({ file }) => isWanted(file.name))) {
    const reader = await openBytes(file);
    try {
      const bytes = await reader.readRest(left);
      left -= bytes.length;
      parts.push({ name: file.name, bytes });
    } finally {
      await reader.close();
    }
  }
  return parts;
}

function parseClasses({ name, bytes }: Part): readonly string[] {
  const lines = new TextDecoder()
    .decode(bytes.subarray(0, MAX_META_BYTES))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length !== CLASSES.length || bytes.length > MAX_META_BYTES) {
    throw new FormatError(`"${name}" names ${lines.length} classes and CIFAR-10 has ten: leave it out to use the usual names.`);
  }
  return lines;
}

/** All records of the batches, pixels interleaved: [count, 32, 32, 3]. */
function decode(batches: readonly Part[]): ImageSplit {
  for (const { name, bytes } of batches) checkLength(name, bytes.length);
  const count = batches.reduce((sum, { bytes }) => sum + bytes.length / RECORD, 0);
  const images = new Uint8Array(count * IMAGE);
  const labels = new Uint8Array(count);
  let index = 0;
  for (const { name, bytes } of batches) {
    for (let at = 0; at < bytes.length; at += RECORD, index++) {
      const label = bytes[at] as number;
      if (label >= CLASSES.length) {
        throw new FormatError(
          `"${name}" is not CIFAR-10's binary version: record ${at / RECORD + 1} has the label ${label}, and the largest is 9.`,
        );
      }
      labels[index] = label;
      interleave(bytes, at + 1, images, index * IMAGE);
    }
  }
  return { images, labels };
}

function checkLength(name: string, length: number): void {
  if (length > 0 && length % RECORD === 0) return;
  const reason =
    length === 0
      ? "it is empty"
      : length % CIFAR_100_RECORD === 0
        ? "it looks like CIFAR-100, whose records have two labels"
        : `its ${length} bytes are no multiple of ${RECORD}, the size of a record; it may be cut off`;
  throw new FormatError(`"${name}" is not CIFAR-10's binary version: ${reason}. Get the file again.`);
}

/** Planes R, G, B at `from` become pixels at `to`. */
function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let p = 0, out = to; p < PLANE; p++, out += CHANNELS) {
    pixels[out] = planes[from + p] as number;
    pixels[out + 1] = planes[from + PLANE + p] as number;
    pixels[out + 2] = planes[from + 2 * PLANE + p] as number;
  }
}

function datasetOf(
  { train, test }: { readonly train: ImageSplit; readonly test: ImageSplit },
  classes: readonly string[],
  origin: string,
): Dataset {
  return {
    info: {
      kind: "images",
      id: "imported",
      name: `CIFAR-10 (${origin})`,
      classes,
      height: SIDE,
      width: SIDE,
      channels: CHANNELS,
      trainCount: train.labels.length,
      testCount: test.labels.length,
    },
    train,
    test,
  };
}
