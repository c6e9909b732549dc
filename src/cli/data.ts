/** `--data`: a built-in data set by name, files, a folder, or an address. */
import { stat } from "node:fs/promises";
import type { RunConfig } from "../core/config";
import type { Dataset } from "../core/dataset";
import { inUnit } from "../core/text";
import { builtInDataset } from "../engine/datasets";
import { readDataset, type NamedBytes } from "../formats/read";
import { READ_LIMITS } from "../formats/read/reader";
import { fetchDataFiles } from "../formats/read/url";
import { UsageError } from "./arguments";
import { decodeImage } from "./decode-image";
import { filesAt } from "./files";

type DataConfig = Pick<RunConfig, "seed" | "unit" | "side" | "fit">;

/** The data set `name`; a path if it contains a slash or a dot. A plain text is cut into `unit`s, images are brought to one size. */
export async function openData(name: string, config: DataConfig): Promise<Dataset> {
  return inUnit(await open(name, config), config.unit);
}

async function open(name: string, { seed, side, fit }: DataConfig): Promise<Dataset> {
  if (!/[/.\\]/.test(name)) return builtInDataset(name, seed);
  return readDataset(await filesOf(name), { decodeImage, resizing: { side, fit } });
}

async function filesOf(name: string): Promise<readonly NamedBytes[]> {
  if (/^https?:/.test(name)) {
    const limits = { bytes: READ_LIMITS.datasetBytes, signal: new AbortController().signal };
    return fetchDataFiles(name, limits, () => undefined);
  }
  const found = await stat(name).catch(() => null);
  if (!found) throw new UsageError(`--data ${name}: there is no such file or folder.`);
  return filesAt(name);
}
