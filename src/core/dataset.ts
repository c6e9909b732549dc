/** A data set in memory: images or text, in the bytes and numbers that every format delivers. */
export interface ImageSplit {
  /** Pixels 0..255, [count, height, width, channels] in row-major order. */
  readonly images: Uint8Array;
  /** Class index of each image. */
  readonly labels: Uint8Array;
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
  /** Images or sequences. */
  readonly trainCount: number;
  readonly testCount: number;
}

export interface ImageInfo extends CommonInfo {
  readonly kind: "images";
  readonly height: number;
  readonly width: number;
  readonly channels: number;
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

export type DatasetInfo = ImageInfo | TextInfo;

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

export type Dataset = ImageDataset | TextDataset;
export type Split = ImageSplit | TextSplit;

/** What a network must be made for to be trained on a data set. */
export type Task = "images" | TextInfo["task"];

/** Task of a data set. */
export const taskOf = (info: DatasetInfo): Task => (info.kind === "images" ? "images" : info.task);

/** How a task is called after "for" and "made for". */
export const TASK_NAMES: Readonly<Record<Task, string>> = {
  images: "images",
  "language-model": "language modelling",
  "text-classification": "text classification",
};

/** Data sets that need no files, in the order of the menu. */
export const BUILT_IN_DATA: readonly { readonly id: string; readonly label: string; readonly task: Task }[] = [
  { id: "glyphs", label: "Glyphs (built in)", task: "images" },
  { id: "sentences", label: "Sentences (built in)", task: "language-model" },
];

/** A file's content cannot be used; the message is a sentence for the person who gave the file. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}
