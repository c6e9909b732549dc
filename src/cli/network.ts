/** `--model`: a built-in network by name, or files. */
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { IMPORTED, type ImportedNetwork } from "../core/imported";
import type { ParsedSettings } from "../core/settings-text";
import { readNetwork } from "../formats/models";
import { settingsFrom, UsageError, type Arguments } from "./arguments";
import { namedBytes } from "./files";

/** Whether a name means files: it has a slash or a dot. */
export const isPath = (name: string): boolean => /[/.\\]/.test(name);

/** Reads a network from a file, a folder, or a model.json with its weights beside it. */
export async function openNetwork(path: string): Promise<ImportedNetwork> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new UsageError(`--model ${path}: there is no such file or folder.`);
  const alone = !found.isDirectory() && !/\.json$/i.test(path);
  if (alone) return readNetwork([await namedBytes(path)]);
  const folder = found.isDirectory() ? path : dirname(path);
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map(({ name }) => join(folder, name)).filter((name) => found.isDirectory() || /\.bin$/i.test(name));
  const all = found.isDirectory() ? paths : [path, ...paths];
  return readNetwork(await Promise.all(all.map(namedBytes)));
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
