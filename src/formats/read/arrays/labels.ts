/** Class numbers out of arrays. */
import { FormatError, MOST_CLASSES } from "../../../core/dataset";
import type { NpyArray } from "./npy";

/** The different class numbers of some arrays, in ascending order. */
export async function readClasses(arrays: readonly NpyArray[]): Promise<readonly number[]> {
  const seen = new Set<number>();
  for (const { name, each } of arrays) {
    await each((values) => {
      for (let i = 0; i < values.length; i++) {
        const value = values[i] as number;
        if (!Number.isInteger(value))
          throw new FormatError(`"${name}" holds ${value}, which is no class number: save whole numbers.`);
        seen.add(value);
      }
      if (seen.size > MOST_CLASSES)
        throw new FormatError(`"${name}" has more than ${MOST_CLASSES} classes: it holds no class numbers.`);
    });
  }
  if (seen.size < 2) throw new FormatError(`"${arrays[0]?.name ?? ""}" has one class only: there is nothing to tell apart.`);
  return [...seen].sort((a, b) => a - b);
}

/** Places of an array's numbers among the classes. */
export async function readLabels(array: NpyArray, classes: readonly number[]): Promise<Uint16Array> {
  const index = new Map(classes.map((value, i) => [value, i]));
  const labels = new Uint16Array(array.shape[0] ?? 0);
  await array.each((values, from) => {
    for (let i = 0; i < values.length; i++) labels[from + i] = index.get(values[i] as number) ?? 0;
  });
  return labels;
}
