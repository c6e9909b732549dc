/** What every data-set reader is given and gives: one file each in this folder, one line in `index.ts`. */
import type { Resizing } from "../../core/config";
import type { Dataset, ReadingProgress } from "../../core/dataset";
import type { NamedBytes } from "./bytes";

export interface ReadLimits {
  /** Bytes of images, numbers or labels of a whole data set. */
  readonly datasetBytes: number;
  /** Pixels of an image's longer side in the data set. */
  readonly side: number;
  /** Entries of an archive, files of a folder. */
  readonly entries: number;
  /** Bytes of one packed image. */
  readonly imageBytes: number;
  /** Pixels of one image before it is resized. */
  readonly pixels: number;
}

export const READ_LIMITS: ReadLimits = {
  // Half of what a browser lets one buffer have; the networks here train on far less.
  datasetBytes: 2 ** 30,
  // Training in the page takes minutes a step above this.
  side: 512,
  // Three times the images of MNIST or CIFAR.
  entries: 200_000,
  // Photographs of large cameras have 20 MB and 50 million pixels; a decoded pixel takes four bytes.
  imageBytes: 2 ** 25,
  pixels: 2 ** 26,
};

/** A picture as it was decoded. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  /** [height, width, 4]: red, green, blue and opacity, not premultiplied. */
  readonly rgba: Uint8Array | Uint8ClampedArray;
}

/** Unpacks an image file; rejects whatever it cannot read. */
export type DecodeImage = (bytes: Uint8Array<ArrayBuffer>) => Promise<Pixels>;

/** What a reader needs besides the files. */
export interface ReadContext {
  readonly limits: ReadLimits;
  readonly resizing: Resizing;
  readonly decodeImage: DecodeImage;
  /** Says how far it is. Throws a StoppedError if nobody waits for the rest. */
  readonly tell: (progress: ReadingProgress) => void;
}

/** A file with its first bytes, by which readers recognise their own. */
export interface InputFile {
  readonly file: NamedBytes;
  /** The first 512 bytes, unpacked; fewer if there are no more, none if there are too many files to look into each. */
  readonly head: Uint8Array;
}

export interface DataReader {
  readonly id: string;
  /** How the files are called in sentences: "the four files of MNIST (IDX format, plain or .gz)". */
  readonly label: string;
  /** Names of files that are meant for this reader, however broken they are. */
  readonly names: RegExp;
  /** Whether a file is meant for it by its content. */
  readonly recognises: (input: InputFile) => boolean;
  /** Whether it reads more files than a few, which nobody looks into before. */
  readonly manyFiles: boolean;
  /** Throws a FormatError with a sentence if the files cannot be used. */
  readonly read: (files: readonly InputFile[], context: ReadContext) => Promise<Dataset>;
}
