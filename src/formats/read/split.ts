import { FormatError, type ImageSplit } from "../../core/dataset";

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
