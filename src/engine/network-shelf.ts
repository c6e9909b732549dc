/** The network from a file that the worker holds. */
import type { ReadingProgress } from "../core/dataset";
import { StoppedError } from "../core/dataset";
import type { ImportedNetwork } from "../core/imported";
import type { GivenFile, NetworkFiles } from "../core/protocol";
import { namedBytes, type NamedBytes } from "../formats/read";
import { MODEL_LIMITS } from "../formats/models/reader";
import { fetchNetworkFiles } from "../formats/models/url";

/** How files become networks. */
export interface NetworkReading {
  readonly isNetwork: (files: readonly NamedBytes[]) => Promise<boolean>;
  readonly readNetwork: (files: readonly NamedBytes[]) => Promise<ImportedNetwork>;
}

export interface NetworkShelf {
  /** What the model "imported" stands for; null before a file was read. */
  readonly network: () => ImportedNetwork | null;
  /** Reads what is given; a reading that is under way is stopped. The former network stays if this fails. */
  readonly take: (source: NetworkFiles, tell: (progress: ReadingProgress) => void) => Promise<ImportedNetwork>;
  /** Ends the reading that is under way. */
  readonly stop: () => void;
  readonly identify: (files: readonly GivenFile[]) => Promise<"network" | "data">;
}

export function createNetworkShelf({ isNetwork, readNetwork }: NetworkReading): NetworkShelf {
  let network: ImportedNetwork | null = null;
  let reading = new AbortController();
  const bytesOf = (files: readonly GivenFile[]): readonly NamedBytes[] => files.map(({ file, path }) => namedBytes(file, path));
  return {
    network: () => network,
    take: async (source, tell) => {
      reading.abort();
      const { signal } = (reading = new AbortController());
      const files =
        source.type === "files"
          ? bytesOf(source.files)
          : await fetchNetworkFiles(source.url, { bytes: MODEL_LIMITS.fileBytes, signal }, tell);
      const read = await readNetwork(files);
      if (signal.aborted) throw new StoppedError();
      return (network = read);
    },
    stop: () => reading.abort(),
    identify: async (files) => ((await isNetwork(bytesOf(files))) ? "network" : "data"),
  };
}
