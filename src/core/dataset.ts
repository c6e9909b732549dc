/** A labelled image set in memory: bytes, as every format delivers them. */
export interface ImageSplit {
  /** Pixels 0..255, [count, height, width, channels] in row-major order. */
  readonly images: Uint8Array;
  /** Class index of each image. */
  readonly labels: Uint8Array;
}

export interface DatasetInfo {
  /** "glyphs" for the built-in set, "imported" for files. */
  readonly id: string;
  /** As the page shows it: "Glyphs", "MNIST (from files)". */
  readonly name: string;
  readonly classes: readonly string[];
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly trainCount: number;
  readonly testCount: number;
}

export interface Dataset {
  readonly info: DatasetInfo;
  readonly train: ImageSplit;
  readonly test: ImageSplit;
}

/** A file's content cannot be used; the message is a sentence for the person who gave the file. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}
