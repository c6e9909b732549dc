/** What every exporter is given and gives: one file each in this folder, one line in `index.ts`. */
import type { RunConfig } from "../../core/config";
import type { History } from "../../core/history";
import type { ExportedNetwork } from "../../core/protocol";
import type { Policy } from "../../core/policy";
import type { SearchSpace } from "../../core/search";

export interface ExportContext {
  /** What the run was made of; file names are built from it. */
  readonly config: RunConfig;
  /** The run's layers, which of them are searched, and their candidates in the order of the probabilities. */
  readonly space: SearchSpace;
  /** The derived policy; null before the first. */
  readonly policy: Policy | null;
  readonly history: History;
}

export interface Exporter {
  readonly id: string;
  /** As the menu shows it. */
  readonly label: string;
  readonly mediaType: string;
  /** Whether there is something to write yet. */
  readonly available: (context: ExportContext) => boolean;
  /** A name without folders: "resnet8-glyphs-edmips-policy.json". */
  readonly fileName: (context: ExportContext) => string;
  /** The file's text. Throws a RangeError with a sentence if not `available`. */
  readonly write: (context: ExportContext) => string;
}

/** What is made of the network's weights, which only the worker has. */
export interface NetworkExporter {
  readonly id: string;
  /** As the menu shows it. */
  readonly label: string;
  readonly mediaType: string;
  /** A name without folders: "resnet8-glyphs-edmips-layers-model.zip". */
  readonly fileName: (config: RunConfig) => string;
  /** Throws a RangeError with a sentence if the format cannot hold the network. */
  readonly write: (network: ExportedNetwork, config: RunConfig) => NetworkFile;
}

export interface NetworkFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Sentences about what the format could not hold as it is. */
  readonly notes: readonly string[];
}

/** File name of an export: the run in short, then what the file holds. */
export function exportName({ model, data, method }: RunConfig, content: string): string {
  // Ids become part of a file name: whatever a file system could misread is replaced.
  const run = [model, data, method].map((id) => id.replace(/[^\w-]+/g, "_")).join("-");
  return `${run}-${content}`;
}

/** The context's policy, for exporters that need one. */
export function requirePolicy({ policy }: ExportContext): Policy {
  if (!policy) throw new RangeError("There is no policy yet: run a search, or derive one from the last search.");
  return policy;
}
