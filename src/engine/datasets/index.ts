import type { Dataset } from "../../core/dataset";
import { generateGlyphs } from "./glyphs";
import { generateSentences } from "./sentences";

interface BuiltIn {
  readonly id: string;
  readonly generate: (seed: number) => Dataset;
}

/** Data sets that need no files, in the order the menu shows. */
const BUILT_IN: readonly BuiltIn[] = [
  { id: "glyphs", generate: (seed) => generateGlyphs(seed) },
  { id: "sentences", generate: (seed) => generateSentences(seed) },
];

/** The built-in data set called `id`, generated from the seed; a RangeError with the known ones otherwise. */
export function builtInDataset(id: string, seed: number): Dataset {
  const found = BUILT_IN.find((known) => known.id === id);
  if (!found)
    throw new RangeError(`No data set "${id}". Known: ${BUILT_IN.map((known) => known.id).join(", ")}, or files of your own.`);
  return found.generate(seed);
}
