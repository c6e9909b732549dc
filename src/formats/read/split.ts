import { FormatError, type ImageSplit } from "../../core/dataset";
import { createRandom, permutation } from "../../core/random";

/** Share of the images that become test images if a data set brings none: MNIST's and CIFAR-10's own share is a sixth or a seventh. */
const TEST_SHARE = 1 / 6;

/** What the data set's name says about that. */
export const SPLIT_NOTE = "last sixth as test images";

/** Sets the last sixth of the images aside for testing. Both parts share the memory of the whole. */
export function splitForTest({ images, labels }: ImageSplit): { readonly train: ImageSplit; readonly test: ImageSplit } {
  const count = labels.length;
  if (count < 2) throw new FormatError("A data set needs at least two images: one to train with and one to test with.");
  const trainCount = count - Math.max(1, Math.round(count * TEST_SHARE));
  const pixels = (images.length / count) * trainCount;
  return {
    train: { images: images.subarray(0, pixels), labels: labels.subarray(0, trainCount) },
    test: { images: images.subarray(pixels), labels: labels.subarray(trainCount) },
  };
}

/** What a data set's name says about `stratified`. */
export const STRATIFIED_NOTE = "a sixth of each class for testing";

/** Everything here is drawn with a seed that is always the same, so that the same files give the same data. */
const SEED = "split";

/** The same things in another order: files are sorted by class, but samples and held-out parts are taken from one end. */
export function mixed<T>(things: readonly T[]): readonly T[] {
  return Array.from(permutation(things.length, createRandom(SEED)), (place) => things[place] as T);
}

/** Places of the examples to train and to test with, mixed: a sixth of every class. A class of one example is not tested. */
export function stratified(labels: ArrayLike<number>): { readonly train: readonly number[]; readonly test: readonly number[] } {
  const byClass = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    const places = byClass.get(label);
    if (places) places.push(i);
    else byClass.set(label, [i]);
  }
  const random = createRandom(SEED);
  const train: number[] = [];
  const test: number[] = [];
  for (const [label, places] of byClass) {
    const order = permutation(places.length, random.fork(String(label)));
    const tested = places.length < 2 ? 0 : Math.max(1, Math.round(places.length * TEST_SHARE));
    order.forEach((place, i) => (i < tested ? test : train).push(places[place] as number));
  }
  if (test.length === 0) {
    throw new FormatError("No class has two examples, one to train with and one to test with: give more of them.");
  }
  return { train: mixed(train), test: mixed(test) };
}

/** Some rows of [count, features] values with their labels. */
export function pickRows<A extends Uint8Array | Float32Array>(
  values: A,
  labels: Uint16Array,
  places: readonly number[],
): { readonly values: A; readonly labels: Uint16Array } {
  const width = values.length / labels.length;
  // A copy has the type of what it is one of.
  const picked = values.slice(0, places.length * width) as A;
  places.forEach((place, i) => picked.set(values.subarray(place * width, (place + 1) * width), i * width));
  return { values: picked, labels: Uint16Array.from(places, (place) => labels[place] as number) };
}
