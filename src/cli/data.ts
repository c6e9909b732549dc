/** `--data`: a built-in data set by name, or files. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RunConfig } from "../core/config";
import type { Dataset } from "../core/dataset";
import { inUnit } from "../core/text";
import { builtInDataset } from "../engine/datasets";
import { readDataset } from "../formats/read";
import { UsageError } from "./arguments";
import { namedBytes } from "./files";

/** The data set `name`; a path if it contains a slash or a dot. A plain text is cut into `unit`s. */
export async function openData(name: string, { seed, unit }: Pick<RunConfig, "seed" | "unit">): Promise<Dataset> {
  return inUnit(await open(name, seed), unit);
}

async function open(name: string, seed: number): Promise<Dataset> {
  if (!/[/.\\]/.test(name)) return builtInDataset(name, seed);
  const found = await stat(name).catch(() => null);
  if (!found) throw new UsageError(`--data ${name}: there is no such file or folder.`);
  if (!found.isDirectory()) return readDataset([await namedBytes(name)]);
  const entries = (await readdir(name, { withFileTypes: true })).filter((entry) => entry.isFile());
  // A folder may hold a second form of the same images, which this version does not read.
  const usable = entries.filter((entry) => /(ubyte(\.gz)?|\.bin|\.tar\.gz|\.tgz|\.txt|\.csv)$/.test(entry.name));
  if (usable.length === 0) throw new UsageError(`--data ${name}: the folder has no IDX, CIFAR-10, text or CSV files.`);
  return readDataset(await Promise.all(usable.map((entry) => namedBytes(join(name, entry.name)))));
}
