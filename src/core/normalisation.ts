/** What a network gets of a pixel p of 0 to 255: (p / 255 - mean) / deviation, for each channel. */

export interface Normalisation {
  /** One, or one for each channel; in units of the whole range. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export interface NormalisationPreset extends Normalisation {
  readonly id: string;
  readonly label: string;
}

/** In the order of the menu. */
export const NORMALISATIONS: readonly NormalisationPreset[] = [
  { id: "unit", label: "0 to 1", mean: [0], deviation: [1] },
  { id: "signed", label: "\u22121 to 1", mean: [0.5], deviation: [0.5] },
  { id: "byte", label: "0 to 255", mean: [0], deviation: [1 / 255] },
  {
    id: "imagenet",
    label: "ImageNet mean, deviation",
    mean: [0.485, 0.456, 0.406],
    deviation: [0.229, 0.224, 0.225],
  },
];

/** The setting that leaves it to the imported file; 0 to 1 for built-in networks. */
export const GUESSED = "auto";

/**
 * Reads "auto", a preset's id, or numbers as "mean/deviation", with commas between channels: "0.1307/0.3081". Throws a RangeError with a
 * sentence. `guess` is a preset's id.
 */
export function parseNormalisation(text: string, guess = "unit"): Normalisation {
  const id = text === GUESSED ? guess : text;
  const preset = NORMALISATIONS.find((known) => known.id === id);
  if (preset) return preset;
  const [mean, deviation, more] = id
    .split("/")
    .map((part) => part.split(",").map((number) => (number.trim() ? Number(number) : NaN)));
  const readable = mean && deviation && more === undefined && [...mean, ...deviation].every(Number.isFinite);
  if (!readable || deviation.includes(0)) {
    const ids = NORMALISATIONS.map((known) => known.id).join(", ");
    throw new RangeError(`It must be ${GUESSED}, ${ids}, or numbers as "mean/deviation", such as 0.1307/0.3081.`);
  }
  return { mean, deviation };
}
