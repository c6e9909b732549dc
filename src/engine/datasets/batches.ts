/** Shuffled, augmented, seeded batches from bytes. */
import type { Dataset, DatasetInfo, ImageSplit } from "../../core/dataset";
import { permutation, type Random } from "../../core/random";

/** Largest random shift in pixels. */
const MAX_SHIFT = 2;

export interface Augmentation {
  readonly shift: boolean;
  readonly flip: boolean;
}

export interface HostBatch {
  /** Pixels / 255, [size, height, width, channels]. */
  readonly pixels: Float32Array;
  readonly labels: Int32Array;
  readonly size: number;
}

export interface BatchSource {
  readonly stepsPerEpoch: number;
  /** The next batch; always of the same size, since shapes are static during a run. Images that do not fill one wait for the next epoch. */
  readonly next: () => HostBatch;
}

/** Endless training batches; each epoch is a new permutation. */
export function trainingBatches(
  info: DatasetInfo,
  split: ImageSplit,
  batch: number,
  augmentation: Augmentation,
  random: Random,
): BatchSource {
  const count = split.labels.length;
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

/** All images once, in order, in batches of at most `batch`. */
export function* evaluationBatches(info: DatasetInfo, split: ImageSplit, batch: number): Generator<HostBatch> {
  for (let start = 0; start < split.labels.length; start += batch) {
    const size = Math.min(batch, split.labels.length - start);
    yield makeBatch(
      info,
      split,
      Uint32Array.from({ length: size }, (_, i) => start + i),
      () => IDENTITY,
    );
  }
}

/** The training images without a held-out share at the end, and that share. */
export function holdOut({ info, train }: Dataset, share: number): { readonly fit: ImageSplit; readonly validation: ImageSplit } {
  const pixels = info.height * info.width * info.channels;
  const kept = train.labels.length - Math.floor(train.labels.length * share);
  const cut = (from: number, to?: number): ImageSplit => ({
    images: train.images.subarray(from * pixels, to === undefined ? undefined : to * pixels),
    labels: train.labels.subarray(from, to),
  });
  return { fit: cut(0, kept), validation: cut(kept) };
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

function makeBatch(info: DatasetInfo, split: ImageSplit, chosen: Uint32Array, transform: () => Transform): HostBatch {
  const { height, width, channels } = info;
  const perImage = height * width * channels;
  const pixels = new Float32Array(chosen.length * perImage);
  const labels = new Int32Array(chosen.length);
  chosen.forEach((image, i) => {
    labels[i] = split.labels[image] as number;
    const source = split.images.subarray(image * perImage, (image + 1) * perImage);
    copyImage(source, pixels.subarray(i * perImage, (i + 1) * perImage), info, transform());
  });
  return { pixels, labels, size: chosen.length };
}

/** Pixels that a shift brings in from outside are black. */
function copyImage(source: Uint8Array, target: Float32Array, info: DatasetInfo, { dy, dx, mirrored }: Transform): void {
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
