/** What every data-set reader is given and gives: one file each in this folder, one line in `index.ts`. */
import type { Dataset } from "../../core/dataset";
import type { NamedBytes } from "./bytes";

export interface ReadLimits {
  /** Bytes of images and labels of a whole data set. */
  readonly datasetBytes: number;
  /** Pixels of an image's longer side. */
  readonly side: number;
  /** Entries of an archive. */
  readonly entries: number;
}

export const READ_LIMITS: ReadLimits = {
  // Half of what a browser lets one buffer have; the networks here train on far less.
  datasetBytes: 2 ** 30,
  // Training in the page takes minutes a step above this.
  side: 512,
  // The archives that are read hold eight.
  entries: 10_000,
};

/** A file with its first bytes, by which readers recognise their own. */
export interface InputFile {
  readonly file: NamedBytes;
  /** The first 512 bytes, unpacked; fewer if there are no more. */
  readonly head: Uint8Array;
}

export interface DataReader {
  readonly id: string;
  /** How the files are called in sentences: "the four files of MNIST (IDX format, plain or .gz)". */
  readonly label: string;
  /** Whether these files are meant for this reader, however broken they are. */
  readonly accepts: (files: readonly InputFile[]) => boolean;
  /** Throws a FormatError with a sentence if the files cannot be used. */
  readonly read: (files: readonly InputFile[], limits: ReadLimits) => Promise<Dataset>;
}
