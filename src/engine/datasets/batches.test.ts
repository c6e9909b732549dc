import { describe, expect, test } from "vitest";
import type { ImageDataset, ImageSplit } from "../../core/dataset";
import { createRandom } from "../../core/random";
import { evaluationBatches, holdOut, trainingBatches } from "./batches";

/** Image i has every pixel i, but for one marked corner, so that shifts and mirrors can be seen. */
function dataset(count: number): ImageDataset {
  const images = new Uint8Array(count * 36);
  for (let i = 0; i < count; i++) {
    images.fill(i + 1, i * 36, (i + 1) * 36);
    images[i * 36] = 255;
  }
  const split = { images, labels: Uint16Array.from({ length: count }, (_, i) => i) };
  const counts = { trainCount: count, testCount: count, classCounts: { train: [], test: [] }, resizing: null };
  const info = { kind: "images" as const, id: "t", name: "t", classes: [], height: 6, width: 6, channels: 1, ...counts };
  return { info, train: split, test: split };
}

const NONE = { shift: false, flip: false };

describe("training batches", () => {
  test("give every image once an epoch, in an order of the seed", () => {
    const { info, train } = dataset(20);
    const labels = (seed: number): number[][] => {
      const source = trainingBatches(info, train, 5, NONE, createRandom(seed));
      return Array.from({ length: 8 }, () => [...source.next().labels]);
    };
    const [first, second] = [labels(1).slice(0, 4).flat(), labels(1).slice(4).flat()];
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect([...second].sort((a, b) => a - b)).toEqual([...first].sort((a, b) => a - b));
    expect(second).not.toEqual(first);
    expect(labels(1)).toEqual(labels(1));
    expect(labels(2)).not.toEqual(labels(1));
  });

  test("all have one size: images that do not fill one wait", () => {
    const { info, train } = dataset(11);
    const source = trainingBatches(info, train, 4, NONE, createRandom(1));
    expect(source.stepsPerEpoch).toBe(2);
    for (let i = 0; i < 6; i++) expect(source.next().size).toBe(4);
  });

  test("shift by at most two pixels and mirror about half, seeded", () => {
    const { info, train } = dataset(1);
    const source = trainingBatches(info, train, 1, { shift: true, flip: true }, createRandom(4));
    const corners = new Set<number>();
    for (let i = 0; i < 300; i++) {
      const { inputs } = source.next();
      const marked = inputs.indexOf(1);
      if (marked >= 0) corners.add(marked);
    }
    // Unmirrored the corner stays within the first three rows and columns, mirrored within the last three columns.
    expect([...corners].every((at) => Math.floor(at / 6) <= 2 && (at % 6 <= 2 || at % 6 >= 3))).toBe(true);
    expect(corners.size).toBe(18);
    const again = trainingBatches(info, train, 1, { shift: true, flip: true }, createRandom(4));
    const first = trainingBatches(info, train, 1, { shift: true, flip: true }, createRandom(4));
    expect(again.next().inputs).toEqual(first.next().inputs);
  });
});

test("evaluation gives all images in order, the last batch smaller", () => {
  const { info, test: split } = dataset(7);
  const batches = [...evaluationBatches(info, split, 3)];
  expect(batches.map((batch) => batch.size)).toEqual([3, 3, 1]);
  expect(batches.flatMap((batch) => [...batch.labels])).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(batches[0]!.inputs[1]).toBeCloseTo(1 / 255);
});

test("a held-out share takes the last images and leaves the others", () => {
  const { fit, validation } = holdOut(dataset(20), 0.1);
  expect([...validation.labels]).toEqual([18, 19]);
  expect(fit.labels.length).toBe(18);
  expect((validation as ImageSplit).images.length).toBe(72);
});

test("rows of numbers come as they are, with their classes", () => {
  const split = { values: Float32Array.of(1, 2, 3, 4, 5, 6), labels: Uint16Array.of(0, 1, 1) };
  const counts = { trainCount: 3, testCount: 3, classCounts: { train: [1, 2], test: [1, 2] } };
  const info = { kind: "numbers" as const, id: "n", name: "n", classes: ["a", "b"], features: ["x", "y"], ...counts };
  const source = trainingBatches(info, split, 2, { shift: true, flip: true }, createRandom("rows"));
  expect(source.stepsPerEpoch).toBe(1);
  const { inputs, labels, size } = source.next();
  expect(size).toBe(2);
  labels.forEach((label, i) => {
    const row = [...inputs.slice(2 * i, 2 * i + 2)];
    expect(
      label === 0
        ? [[1, 2]]
        : [
            [3, 4],
            [5, 6],
          ],
    ).toContainEqual(row);
  });
  expect([...evaluationBatches(info, split, 2)].map((batch) => batch.size)).toEqual([2, 1]);
});
