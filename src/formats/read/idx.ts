/**
 * IDX, the format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist): two zero bytes, the element type, the number of
 * dimensions, their sizes as big-endian 32-bit integers, then the elements.
 */
import { FormatError, imageDataset, type Dataset, type ImageSplit } from "../../core/dataset";
import { openBytes, type NamedBytes } from "./bytes";
import type { DataReader, InputFile, ReadLimits } from "./reader";
import { SPLIT_NOTE, splitForTest } from "./split";

/** Reads grey images of any size. What a file holds is decided by its content; train or test by its name, or else by its count. */
export const idx: DataReader = {
  id: "idx",
  label: "the four files of MNIST or a relative (IDX format, plain or .gz)",
  manyFiles: false,
  names: /idx\d-ubyte/i,
  recognises: isIdx,
  read: async (files, { limits }) => {
    const arrays = files.map(parseHeader);
    const images = arrays.filter(({ dims }) => dims.length === 3);
    const labels = arrays.filter(({ dims }) => dims.length === 1);
    const { train, test } = pairUp(images, labels);
    const [, height, width] = train.images.dims as [number, number, number];
    checkPairs(test ? [train, test] : [train], limits);
    const trainSplit = await readSplit(train);
    const splits = test ? { train: trainSplit, test: await readSplit(test) } : splitForTest(trainSplit);
    return datasetOf(splits, height, width, test ? "from files" : `from files, ${SPLIT_NOTE}`);
  },
};

interface IdxArray {
  readonly file: NamedBytes;
  /** [count] of labels, [count, height, width] of images. */
  readonly dims: readonly number[];
}

interface Pair {
  readonly images: IdxArray;
  readonly labels: IdxArray;
}

const UNSIGNED_BYTE = 8;

const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  [UNSIGNED_BYTE]: "unsigned bytes",
  0x09: "signed bytes",
  0x0b: "16-bit integers",
  0x0c: "32-bit integers",
  0x0d: "32-bit floats",
  0x0e: "64-bit floats",
};

const hasMagic = (head: Uint8Array): boolean => head[0] === 0 && head[1] === 0 && (head[2] ?? 0) in ELEMENT_TYPES;

/** A CIFAR-10 file whose first image is dark starts like an IDX file; its size tells them apart. */
function isIdx({ head, file: { name, size } }: InputFile): boolean {
  const dimensions = head[3] ?? 0;
  return hasMagic(head) && dimensions >= 1 && dimensions <= 4 && !(/\.bin$/i.test(name) && size % 3073 === 0);
}

const headerBytes = (dimensions: number): number => 4 + 4 * dimensions;

function parseHeader({ file, head }: InputFile): IdxArray {
  const name = `"${file.name}"`;
  if (!hasMagic(head)) {
    const start = Array.from(head.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ") || "nothing";
    throw new FormatError(
      `${name} is not an IDX file: it starts with ${start}, not with 00 00 08 03 (images) or 00 00 08 01 (labels). Leave it out.`,
    );
  }
  const [, , type, dimensions] = head as unknown as [number, number, number, number];
  if (type !== UNSIGNED_BYTE) {
    throw new FormatError(
      `${name} holds ${ELEMENT_TYPES[type]}: only unsigned bytes can be read. Convert it to pixels 0 to 255.`,
    );
  }
  if (dimensions !== 1 && dimensions !== 3) {
    throw new FormatError(`${name} has ${dimensions ?? 0} dimensions: images have 3 (count, height, width), labels 1 (count).`);
  }
  if (head.length < headerBytes(dimensions)) throw new FormatError(`${name} is cut off inside its header. Get the file again.`);
  const view = new DataView(head.buffer, head.byteOffset);
  const dims = Array.from({ length: dimensions }, (_, i) => view.getUint32(headerBytes(i)));
  return { file, dims };
}

/** Which files belong together, and which pair is for testing (null if there is one pair only). */
function pairUp(images: readonly IdxArray[], labels: readonly IdxArray[]): { readonly train: Pair; readonly test: Pair | null } {
  const [firstImages, secondImages] = images;
  const [firstLabels, secondLabels] = labels;
  if (images.length !== labels.length || images.length > 2 || !firstImages || !firstLabels) {
    throw new FormatError(
      `A data set in IDX format has one file of images and one of labels for training, and two more for testing; given are ${listed(images, "images")} and ${listed(labels, "labels")}.`,
    );
  }
  if (!secondImages || !secondLabels) return { train: { images: firstImages, labels: firstLabels }, test: null };
  const [trainImages, testImages] = trainFirst(firstImages, secondImages);
  const [trainLabels, testLabels] = trainFirst(firstLabels, secondLabels);
  return { train: { images: trainImages, labels: trainLabels }, test: { images: testImages, labels: testLabels } };
}

function listed(arrays: readonly IdxArray[], content: string): string {
  const names = arrays.map(({ file }) => `"${file.name}"`).join(", ");
  return `${arrays.length} with ${content}${names === "" ? "" : ` (${names})`}`;
}

const isForTest = ({ file }: IdxArray): boolean => /t10k|test|valid/i.test(file.name) && !/train/i.test(file.name);

function trainFirst(a: IdxArray, b: IdxArray): readonly [train: IdxArray, test: IdxArray] {
  if (isForTest(a) !== isForTest(b)) return isForTest(a) ? [b, a] : [a, b];
  const [countA, countB] = [a.dims[0] as number, b.dims[0] as number];
  if (countA !== countB) return countA < countB ? [b, a] : [a, b];
  throw new FormatError(
    `Which of "${a.file.name}" and "${b.file.name}" is for testing cannot be told: put "train" and "test" into the names.`,
  );
}

/** Checks all that the headers promise, before anything is read. */
function checkPairs(pairs: readonly Pair[], limits: ReadLimits): void {
  let total = 0;
  for (const { images, labels } of pairs) {
    const [count, height, width] = images.dims as [number, number, number];
    const name = `"${images.file.name}"`;
    if (count !== labels.dims[0]) {
      throw new FormatError(
        `${name} holds ${count} images and "${labels.file.name}" ${labels.dims[0]} labels: they do not belong together.`,
      );
    }
    if (count === 0) throw new FormatError(`${name} holds no images: it is an empty data set.`);
    if (Math.min(height, width) < 1 || Math.max(height, width) > limits.side) {
      throw new FormatError(`${name} says its images are ${height} x ${width} pixels; 1 to ${limits.side} a side can be read.`);
    }
    const [, firstHeight, firstWidth] = (pairs[0] as Pair).images.dims;
    if (height !== firstHeight || width !== firstWidth) {
      throw new FormatError(
        `The training images are ${firstHeight} x ${firstWidth} pixels and the test images ${height} x ${width}: they must be equal.`,
      );
    }
    total += count * (height * width + 1);
  }
  if (total > limits.datasetBytes) {
    throw new FormatError(
      `This data set says it has ${total} bytes; at most ${limits.datasetBytes} can be held. Give fewer or smaller images.`,
    );
  }
}

async function readSplit({ images, labels }: Pair): Promise<ImageSplit> {
  return { images: await readElements(images, "images"), labels: Uint16Array.from(await readElements(labels, "labels")) };
}

async function readElements({ file, dims }: IdxArray, content: string): Promise<Uint8Array> {
  const reader = await openBytes(file);
  try {
    await reader.skip(headerBytes(dims.length), "header");
    const elements = await reader.read(
      dims.reduce((product, size) => product * size, 1),
      content,
    );
    // Reading past the end also makes the decompressor check its checksum.
    const extra = await reader.readSome(1);
    if (extra.length > 0) {
      throw new FormatError(
        `"${file.name}" goes on after the ${dims[0]} ${content} that its header promises: one of the two is wrong. Get the file again.`,
      );
    }
    return elements;
  } finally {
    await reader.close();
  }
}

function datasetOf(
  { train, test }: { readonly train: ImageSplit; readonly test: ImageSplit },
  height: number,
  width: number,
  origin: string,
): Dataset {
  const largest = [train, test].reduce((most, { labels }) => labels.reduce((a, b) => Math.max(a, b), most), 0);
  return imageDataset(
    {
      id: "imported",
      name: `MNIST format, ${height} x ${width} (${origin})`,
      classes: Array.from({ length: largest + 1 }, (_, i) => String(i)),
      height,
      width,
      channels: 1,
      resizing: null,
    },
    { train, test },
  );
}
