/** The data that the worker holds: a built-in set, and the one that was given, with its files as long as they can be read again. */
import type { Resizing, RunConfig } from "../core/config";
import { StoppedError, type Dataset, type ReadingProgress } from "../core/dataset";
import type { DataSource } from "../core/protocol";
import { inUnit } from "../core/text";
import { namedBytes, type NamedBytes, type ReadContext } from "../formats/read";
import { READ_LIMITS } from "../formats/read/reader";
import { fetchDataFiles } from "../formats/read/url";
import { builtInDataset } from "./datasets";
import { RunFailure } from "./failure";

/** Turns files into a data set. */
export type ReadData = (files: readonly NamedBytes[], context: Partial<ReadContext>) => Promise<Dataset>;

export interface DataShelf {
  /** What a configuration names; a RunFailure with a sentence if it is not there. */
  readonly dataset: (config: RunConfig) => Dataset;
  /** Reads what is given into the set "imported"; a reading that is under way is stopped. The former one stays if this fails. */
  readonly take: (source: DataSource, resizing: Resizing, tell: (progress: ReadingProgress) => void) => Promise<Dataset>;
  /** Ends the reading that is under way. */
  readonly stop: () => void;
}

/** A line of words need not change more often. */
const TELL_MS = 100;

export function createDataShelf(read: ReadData): DataShelf {
  let builtIn: { readonly seed: number; readonly dataset: Dataset } | null = null;
  let imported: { readonly dataset: Dataset; readonly files: readonly NamedBytes[] } | null = null;
  /** The same in the unit that was asked for last. */
  let cut: Dataset | null = null;
  let reading = new AbortController();

  const open = async (
    source: DataSource,
    signal: AbortSignal,
    tell: (progress: ReadingProgress) => void,
  ): Promise<readonly NamedBytes[]> => {
    switch (source.type) {
      case "files":
        return source.files.map(({ file, path }) => namedBytes(file, path));
      case "url":
        return fetchDataFiles(source.url, { bytes: READ_LIMITS.datasetBytes, signal }, tell);
      case "again":
        if (!imported) throw new RunFailure("data", "There are no files to read again: open some first.");
        return imported.files;
    }
  };

  return {
    dataset: (config) => {
      if (config.data === "imported") {
        if (!imported)
          throw new RunFailure(
            "data",
            "The data set of this setting is not loaded: drop its files on the page, or choose a built-in one.",
          );
        if (cut?.info.kind === "text" && cut.info.unit !== config.unit) cut = null;
        cut ??= inUnit(imported.dataset, config.unit);
        return cut;
      }
      if (builtIn?.seed !== config.seed || builtIn.dataset.info.id !== config.data) {
        builtIn = { seed: config.seed, dataset: builtInDataset(config.data, config.seed) };
      }
      return builtIn.dataset;
    },
    take: async (source, resizing, tell) => {
      reading.abort();
      const { signal } = (reading = new AbortController());
      let toldAt = -Infinity;
      const told = (progress: ReadingProgress): void => {
        if (signal.aborted) throw new StoppedError();
        if (performance.now() - toldAt < TELL_MS) return;
        toldAt = performance.now();
        tell(progress);
      };
      const files = await open(source, signal, told);
      const dataset = await read(files, { resizing, tell: told });
      // What was stopped at its very end is not wanted either.
      if (signal.aborted) throw new StoppedError();
      imported = { dataset, files };
      cut = null;
      return dataset;
    },
    stop: () => reading.abort(),
  };
}
