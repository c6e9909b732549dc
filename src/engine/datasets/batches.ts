/** Shuffled, augmented, seeded batches from bytes, tokens and numbers. */
import type { Dataset, DatasetInfo, ImageInfo, ImageSplit, NumbersSplit, Split, TextInfo, TextSplit } from "../../core/dataset";
import { permutation, type Random } from "../../core/random";

/** Largest random shift in pixels. */
const MAX_SHIFT = 2;

export interface Augmentation {
  readonly shift: boolean;
  readonly flip: boolean;
}

export interface HostBatch {
  /** Pixels / 255, [size, height, width, channels]; or tokens, [size, length]; or numbers, [size, features]. */
  readonly inputs: Float32Array | Int32Array;
  /** One for each prediction: an image, a text, or each of its positions. */
  readonly labels: Int32Array;
  readonly size: number;
}

export interface BatchSource {
  readonly stepsPerEpoch: number;
  /** The next batch; always of the same size, since shapes are static during a run. What does not fill one waits for the next epoch. */
  readonly next: () => HostBatch;
}

/** Endless training batches; each epoch is a new permutation. */
export function trainingBatches(
  info: DatasetInfo,
  split: Split,
  batch: number,
  augmentation: Augmentation,
  random: Random,
): BatchSource {
  const count = countOf(info, split);
  const size = Math.min(batch, count);
  const stepsPerEpoch = Math.floor(count / size);
  const augmenting = random.fork("augmentation");
  let epoch = 0;
  let step = 0;
  let order = permutation(count, random.fork("epoch 0"));
  return {
    stepsPerEpoch,
    next: () => {
      if (step === stepsPerEpoch) {
        step = 0;
        order = permutation(count, random.fork(`epoch ${++epoch}`));
      }
      const chosen = order.subarray(step * size, (step + 1) * size);
      step++;
      return makeBatch(info, split, chosen, () => transformOf(augmentation, augmenting));
    },
  };
}

/** All images, sequences or rows once, in order, in batches of at most `batch`. */
export function* evaluationBatches(info: DatasetInfo, split: Split, batch: number): Generator<HostBatch> {
  const count = countOf(info, split);
  for (let start = 0; start < count; start += batch) {
    const size = Math.min(batch, count - start);
    yield makeBatch(
      info,
      split,
      Uint32Array.from({ length: size }, (_, i) => start + i),
      () => IDENTITY,
    );
  }
}

/** Images, sequences or rows of a split. */
export const countOf = (info: DatasetInfo, split: Split): number =>
  "tokens" in split ? split.tokens.length / (info as TextInfo).length : split.labels.length;

/** The training data without a held-out share at the end, and that share. */
export function holdOut(dataset: Dataset, share: number): { readonly fit: Split; readonly validation: Split } {
  const count = countOf(dataset.info, dataset.train);
  const kept = count - Math.floor(count * share);
  return {
    fit: sliceSplit(dataset.info, dataset.train, 0, kept),
    validation: sliceSplit(dataset.info, dataset.train, kept, count),
  };
}

/** Images, sequences or rows `from` to `to`, in the memory of the whole. */
export function sliceSplit(info: DatasetInfo, split: Split, from: number, to: number): Split {
  const count = countOf(info, split);
  const cut = <A extends Uint8Array | Uint16Array | Float32Array>(values: A): A =>
    values.subarray((values.length / count) * from, (values.length / count) * to) as A;
  if ("tokens" in split) return { tokens: cut(split.tokens), labels: cut(split.labels) };
  if ("values" in split) return { values: cut(split.values), labels: cut(split.labels) };
  return { images: cut(split.images), labels: cut(split.labels) };
}

interface Transform {
  readonly dy: number;
  readonly dx: number;
  readonly mirrored: boolean;
}

const IDENTITY: Transform = { dy: 0, dx: 0, mirrored: false };

function transformOf({ shift, flip }: Augmentation, random: Random): Transform {
  const offset = (): number => (shift ? random.integer(2 * MAX_SHIFT + 1) - MAX_SHIFT : 0);
  return { dy: offset(), dx: offset(), mirrored: flip && random.uniform() < 0.5 };
}

function makeBatch(info: DatasetInfo, split: Split, chosen: Uint32Array, transform: () => Transform): HostBatch {
  if ("tokens" in split) return textBatch(info as TextInfo, split, chosen);
  if ("values" in split) return numbersBatch(split, chosen);
  return imageBatch(info as ImageInfo, split, chosen, transform);
}

function numbersBatch({ values, labels }: NumbersSplit, chosen: Uint32Array): HostBatch {
  const features = values.length / labels.length;
  const inputs = new Float32Array(chosen.length * features);
  chosen.forEach((row, i) => inputs.set(values.subarray(row * features, (row + 1) * features), i * features));
  return { inputs, labels: Int32Array.from(chosen, (row) => labels[row] as number), size: chosen.length };
}

function textBatch({ length }: TextInfo, { tokens, labels }: TextSplit, chosen: Uint32Array): HostBatch {
  const answers = (labels.length * length) / tokens.length;
  const inputs = new Int32Array(chosen.length * length);
  const wanted = new Int32Array(chosen.length * answers);
  chosen.forEach((sequence, i) => {
    inputs.set(tokens.subarray(sequence * length, (sequence + 1) * length), i * length);
    wanted.set(labels.subarray(sequence * answers, (sequence + 1) * answers), i * answers);
  });
  return { inputs, labels: wanted, size: chosen.length };
}

function imageBatch(info: ImageInfo, split: ImageSplit, chosen: Uint32Array, transform: () => Transform): HostBatch {
  const { height, width, channels } = info;
  const perImage = height * width * channels;
  const pixels = new Float32Array(chosen.length * perImage);
  const labels = new Int32Array(chosen.length);
  chosen.forEach((image, i) => {
    labels[i] = split.labels[image] as number;
    const source = split.images.subarray(image * perImage, (image + 1) * perImage);
    copyImage(source, pixels.subarray(i * perImage, (i + 1) * perImage), info, transform());
  });
  return { inputs: pixels, labels, size: chosen.length };
}

/** Pixels that a shift brings in from outside are black. */
function copyImage(source: Uint8Array, target: Float32Array, info: ImageInfo, { dy, dx, mirrored }: Transform): void {
  const { height, width, channels } = info;
  for (let y = 0; y < height; y++) {
    const fromY = y + dy;
    if (fromY < 0 || fromY >= height) continue;
    for (let x = 0; x < width; x++) {
      const shifted = x + dx;
      if (shifted < 0 || shifted >= width) continue;
      const fromX = mirrored ? width - 1 - shifted : shifted;
      const from = (fromY * width + fromX) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) target[to + c] = (source[from + c] as number) / 255;
    }
  }
}
