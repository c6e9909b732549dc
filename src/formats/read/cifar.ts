/**
 * The binary versions of CIFAR-10 and CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte, or of a coarse
 * and a fine one, and 32 x 32 pixels in planes R, G, B.
 */
import { FormatError, imageDataset, type Dataset, type ImageSplit } from "../../core/dataset";
import { openBytes } from "./bytes";
import { CIFAR_100_CLASSES } from "./cifar-100-classes";
import { interleave } from "./planes";
import type { DataReader, InputFile, ReadLimits } from "./reader";
import { SPLIT_NOTE, splitForTest } from "./split";
import { isTar, readTar } from "./tar";

/** Reads the archives as they are downloaded, or their .bin files; any number of records in each. */
export const cifar: DataReader = {
  id: "cifar",
  label: "the binary archive of CIFAR-10 or CIFAR-100 (.tar.gz) or its .bin files",
  manyFiles: false,
  names: /\.(bin|tar|tgz)(\.gz)?$/i,
  recognises: ({ head }) => isTar(head),
  read: async (files, { limits }) => {
    const parts = await readParts(files, limits);
    const batches = parts.filter(({ name }) => isBatch(name)).sort((a, b) => NATURAL_ORDER.compare(a.name, b.name));
    const version = versionOf(batches);
    const meta = parts.find(({ name }) => name.toLowerCase() === version.meta);
    const classes = meta ? parseClasses(meta, version) : version.classes;
    const train = decode(
      batches.filter(({ name }) => !isForTest(name)),
      version,
    );
    const test = decode(
      batches.filter(({ name }) => isForTest(name)),
      version,
    );
    const whole = train.labels.length > 0 && test.labels.length > 0;
    const splits = whole ? { train, test } : splitForTest(train.labels.length > 0 ? train : test);
    const name = `${version.name} (${whole ? "from files" : `from files, ${SPLIT_NOTE}`})`;
    return datasetOf(splits, { name, classes });
  },
};

const SIDE = 32;
const CHANNELS = 3;
const IMAGE = SIDE * SIDE * CHANNELS;
/** The files of class names have 61 and 883 bytes. */
const MAX_META_BYTES = 65_536;

interface Version {
  readonly name: string;
  /** Bytes before the pixels; the last of them is the label that counts. */
  readonly labelBytes: 1 | 2;
  /** The usual names, which a file of names in the archive replaces. */
  readonly classes: readonly string[];
  readonly meta: string;
}

const CIFAR_10: Version = {
  name: "CIFAR-10",
  labelBytes: 1,
  classes: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
  meta: "batches.meta.txt",
};

const CIFAR_100: Version = {
  name: "CIFAR-100",
  labelBytes: 2,
  classes: CIFAR_100_CLASSES,
  meta: "fine_label_names.txt",
};

/** data_batch_2 before data_batch_10. */
const NATURAL_ORDER = new Intl.Collator("en", { numeric: true });

/** Names that start with "._" are what macOS adds to archives. */
const isBatch = (name: string): boolean => /^(?!\._).*\.bin(\.gz)?$/i.test(name);
const isForTest = (name: string): boolean => /test/i.test(name);
const isWanted = (name: string): boolean =>
  [CIFAR_10, CIFAR_100].some(({ meta }) => meta === name.toLowerCase()) || isBatch(name);

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
      `${where} cannot be read as CIFAR-10 or CIFAR-100: there is no file data_batch_1.bin, train.bin or the like. Give the binary version.`,
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

/** The version whose records fill every file; a FormatError that names the file that no record fits. */
function versionOf(batches: readonly Part[]): Version {
  const fits = ({ labelBytes }: Version, { bytes }: Part): boolean =>
    bytes.length > 0 && bytes.length % (labelBytes + IMAGE) === 0;
  const version = [CIFAR_10, CIFAR_100].find((known) => batches.every((batch) => fits(known, batch)));
  if (version) return version;
  const [first] = batches as [Part];
  const wrong = batches.find((batch) => !fits(CIFAR_10, batch) && !fits(CIFAR_100, batch));
  const { name, bytes } = wrong ?? first;
  const reason = !wrong
    ? "some of the files have CIFAR-10's records and some CIFAR-100's"
    : bytes.length === 0
      ? "it is empty"
      : `its ${bytes.length} bytes are no multiple of ${IMAGE + 1} or ${IMAGE + 2}, the sizes of a record; it may be cut off`;
  throw new FormatError(`"${name}" is not CIFAR-10's or CIFAR-100's binary version: ${reason}. Get the file again.`);
}

function parseClasses({ name, bytes }: Part, { name: version, classes }: Version): readonly string[] {
  const lines = new TextDecoder()
    .decode(bytes.subarray(0, MAX_META_BYTES))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length !== classes.length || bytes.length > MAX_META_BYTES) {
    throw new FormatError(
      `"${name}" names ${lines.length} classes and ${version} has ${classes.length}: leave it out to use the usual names.`,
    );
  }
  return lines;
}

/** All records of the batches, pixels interleaved: [count, 32, 32, 3]. */
function decode(batches: readonly Part[], { name: version, labelBytes, classes }: Version): ImageSplit {
  const record = labelBytes + IMAGE;
  const count = batches.reduce((sum, { bytes }) => sum + bytes.length / record, 0);
  const images = new Uint8Array(count * IMAGE);
  const labels = new Uint16Array(count);
  let index = 0;
  for (const { name, bytes } of batches) {
    for (let at = 0; at < bytes.length; at += record, index++) {
      const label = bytes[at + labelBytes - 1] as number;
      if (label >= classes.length) {
        throw new FormatError(
          `"${name}" is not ${version}'s binary version: record ${at / record + 1} has the label ${label}, and the largest is ${classes.length - 1}.`,
        );
      }
      labels[index] = label;
      interleave(bytes.subarray(at + labelBytes, at + record), images.subarray(index * IMAGE, (index + 1) * IMAGE), CHANNELS);
    }
  }
  return { images, labels };
}

function datasetOf(
  splits: { readonly train: ImageSplit; readonly test: ImageSplit },
  named: { readonly name: string; readonly classes: readonly string[] },
): Dataset {
  return imageDataset({ id: "imported", ...named, height: SIDE, width: SIDE, channels: CHANNELS, resizing: null }, splits);
}
