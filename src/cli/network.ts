/** `--model`: a built-in network by name, or files. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { IMPORTED, type ImportedNetwork } from "../core/imported";
import type { ParsedSettings } from "../core/settings-text";
import { readNetwork } from "../formats/models";
import { MODEL_LIMITS } from "../formats/models/reader";
import { fetchNetworkFiles } from "../formats/models/url";
import { settingsFrom, UsageError, type Arguments } from "./arguments";
import { filesAt, opened } from "./files";

/** Whether a name means files: it has a slash or a dot. */
export const isPath = (name: string): boolean => /[/.\\]/.test(name);

/** Reads a network from a file, a folder, a model.json with its weights beside it, or an address. */
export async function openNetwork(path: string): Promise<ImportedNetwork> {
  if (/^https?:/.test(path)) {
    const limits = { bytes: MODEL_LIMITS.fileBytes, signal: new AbortController().signal };
    return readNetwork(await fetchNetworkFiles(path, limits, () => undefined));
  }
  const found = await stat(path).catch(() => null);
  if (!found) throw new UsageError(`--model ${path}: there is no such file or folder.`);
  if (found.isDirectory() || !/\.json$/i.test(path)) return readNetwork(await filesAt(path));
  const beside = (await readdir(dirname(path))).filter((name) => /\.bin$/i.test(name));
  const all = [path, ...beside.map((name) => join(dirname(path), name))];
  return readNetwork(await Promise.all(all.map((name) => opened(name, basename(name)))));
}

/** The settings of a command, and the network if its --model is a file; `own` are flags that are no settings. */
export async function openSettings(
  parsed: Arguments,
  own: readonly string[],
): Promise<ParsedSettings & { readonly network: ImportedNetwork | null }> {
  const model = parsed.flags.get("model");
  if (model === undefined || !isPath(model)) return { ...settingsFrom(parsed, own), network: null };
  const settings = settingsFrom(parsed, [...own, "model"]);
  return { ...settings, config: { ...settings.config, model: IMPORTED }, network: await openNetwork(model) };
}
