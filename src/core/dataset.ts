/** A data set in memory: images, text or numbers, in the form that every format delivers. */
import type { Resizing } from "./config";

export interface ImageSplit {
  /** Pixels 0..255, [count, height, width, channels] in row-major order. */
  readonly images: Uint8Array;
  /** Class index of each image. */
  readonly labels: Uint16Array;
}

export interface NumbersSplit {
  /** [count, features], each feature with mean 0 and deviation 1 over the training part. */
  readonly values: Float32Array;
  /** Class index of each row. */
  readonly labels: Uint16Array;
}

export interface TextSplit {
  /** Numbers of symbols in the vocabulary, [count, length]. */
  readonly tokens: Uint16Array;
  /** The symbol after each token, [count, length], for a language model; else the class of each text, [count]. */
  readonly labels: Uint16Array;
}

interface CommonInfo {
  /** A built-in set by its name, or "imported" for files. */
  readonly id: string;
  /** As the page shows it: "Glyphs", "MNIST (from files)". */
  readonly name: string;
  /** What there is to choose from: names of classes, or the symbols for a language model. */
  readonly classes: readonly string[];
  /** Images, sequences or rows. */
  readonly trainCount: number;
  readonly testCount: number;
  /** How often each class is the answer, in the order of `classes`. */
  readonly classCounts: { readonly train: readonly number[]; readonly test: readonly number[] };
}

export interface ImageInfo extends CommonInfo {
  readonly kind: "images";
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** How images of various sizes were brought to this one; null where the format has one size. */
  readonly resizing: Resizing | null;
}

export interface TextInfo extends CommonInfo {
  readonly kind: "text";
  readonly task: "language-model" | "text-classification";
  readonly unit: "character" | "word";
  /** The vocabulary: token i stands for symbols[i]. */
  readonly symbols: readonly string[];
  /** Symbols of a sequence. */
  readonly length: number;
}

export interface NumbersInfo extends CommonInfo {
  readonly kind: "numbers";
  /** Names of the columns. */
  readonly features: readonly string[];
}

export type DatasetInfo = ImageInfo | TextInfo | NumbersInfo;

export interface ImageDataset {
  readonly info: ImageInfo;
  readonly train: ImageSplit;
  readonly test: ImageSplit;
}

export interface TextDataset {
  readonly info: TextInfo;
  readonly train: TextSplit;
  readonly test: TextSplit;
  /** The text that the sequences were cut from, which can be cut into other units; null for any other data. */
  readonly source: string | null;
}

export interface NumbersDataset {
  readonly info: NumbersInfo;
  readonly train: NumbersSplit;
  readonly test: NumbersSplit;
}

export type Dataset = ImageDataset | TextDataset | NumbersDataset;
export type Split = ImageSplit | TextSplit | NumbersSplit;

/** Most classes of a data set: what a label has room for. */
export const MOST_CLASSES = 2 ** 16;

/** How often each of `classes` is the answer in both parts. */
export function countClasses(
  classes: number,
  { train, test }: { readonly train: Pick<Split, "labels">; readonly test: Pick<Split, "labels"> },
): DatasetInfo["classCounts"] {
  const count = ({ labels }: Pick<Split, "labels">): readonly number[] => {
    const counts = new Array<number>(classes).fill(0);
    for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
    return counts;
  };
  return { train: count(train), test: count(test) };
}

/** An image data set of two parts; what can be counted is. */
export function imageDataset(
  about: Omit<ImageInfo, "kind" | "trainCount" | "testCount" | "classCounts">,
  splits: { readonly train: ImageSplit; readonly test: ImageSplit },
): ImageDataset {
  const { train, test } = splits;
  const counts = { trainCount: train.labels.length, testCount: test.labels.length };
  return { info: { kind: "images", ...about, ...counts, classCounts: countClasses(about.classes.length, splits) }, train, test };
}

/** What a network must be made for to be trained on a data set. */
export type Task = "images" | "numbers" | TextInfo["task"];

/** Task of a data set. */
export const taskOf = (info: DatasetInfo): Task => (info.kind === "text" ? info.task : info.kind);

/** How a task is called after "for" and "made for". */
export const TASK_NAMES: Readonly<Record<Task, string>> = {
  images: "images",
  numbers: "numbers",
  "language-model": "language modelling",
  "text-classification": "text classification",
};

/** Data sets that need no files, in the order of the menu. */
export const BUILT_IN_DATA: readonly { readonly id: string; readonly label: string; readonly task: Task }[] = [
  { id: "glyphs", label: "Glyphs (built in)", task: "images" },
  { id: "sentences", label: "Sentences (built in)", task: "language-model" },
];

/** How far the reading of a data set is, for a line of words. */
export interface ReadingProgress {
  /** "Reading", "Decoding images". */
  readonly what: string;
  readonly done: number;
  /** In the same unit as `done`; 0 if it is not known. */
  readonly total: number;
}

/** A person ended the reading. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
  constructor() {
    super("Reading was stopped.");
  }
}

/** A file's content cannot be used; the message is a sentence for the person who gave the file. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}
