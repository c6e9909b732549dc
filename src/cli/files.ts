/** Files of this machine as the readers take them. */
import { openAsBlob } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { namedBytes, type NamedBytes } from "../formats/read";

/** A file, or all files of a folder with their paths in it. */
export async function filesAt(name: string): Promise<readonly NamedBytes[]> {
  if (!(await stat(name)).isDirectory()) return [await opened(name, basename(name))];
  const entries = await readdir(name, { withFileTypes: true, recursive: true });
  const files: NamedBytes[] = [];
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.push(await opened(path, [basename(resolve(name)), ...relative(name, path).split(sep)].join("/")));
  }
  return files;
}

/** A file under the path that a reader is to see. */
export const opened = async (path: string, given: string): Promise<NamedBytes> => namedBytes(await openAsBlob(path), given);
