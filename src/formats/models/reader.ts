/** What every reader of networks is given and gives: one file each in this folder, one line in `index.ts`. */
import type { ImportedNetwork } from "../../core/imported";
import type { NamedBytes } from "../read/bytes";

/** A file with its first bytes, as they are. */
export interface ModelFile {
  readonly file: NamedBytes;
  /** The first bytes, at most 512. */
  readonly head: Uint8Array;
}

export interface ModelReader {
  readonly id: string;
  /** How the files are called in sentences: "an ONNX file (.onnx)". */
  readonly label: string;
  /** Whether these files are meant for this reader, however broken they are. */
  readonly accepts: (files: readonly ModelFile[]) => boolean;
  /** Throws a FormatError with a sentence if the files cannot be used; it then names every node that is not supported. */
  readonly read: (files: readonly ModelFile[], limits: ModelLimits) => Promise<ImportedNetwork>;
}

export interface ModelLimits {
  /** Bytes of all files together. */
  readonly fileBytes: number;
  /** Numbers in all tensors together, whether they are stored or made by the graph. */
  readonly values: number;
  /** Nodes of a graph. */
  readonly nodes: number;
}

export const MODEL_LIMITS: ModelLimits = {
  // VGG-16's 138 million weights are 553 MB; a browser's buffer ends at 2 GB.
  fileBytes: 2 ** 30,
  values: 2 ** 28,
  // Inception-V3 has about 400.
  nodes: 20_000,
};
