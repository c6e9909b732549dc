/** The files in a zip archive, unpacked in memory. */
import { FormatError } from "../../core/dataset";
import { openBytes, type NamedBytes } from "../read/bytes";
import { openZip } from "../read/zip";

export interface ZipEntry {
  /** With its folders, "/" between them. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** More than any model has. */
const MAX_ENTRIES = 10_000;

/** All files of an archive of at most `limit` bytes, packed and unpacked. Throws a FormatError. */
export async function zipEntries(archive: NamedBytes, limit: number): Promise<readonly ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for (const file of await openZip(archive, { bytes: limit, entries: MAX_ENTRIES })) {
    entries.push({ path: file.path, bytes: await readWhole(file, limit) });
  }
  return entries;
}

/** A file's bytes, at most `limit` of them. */
export async function readWhole(file: NamedBytes, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > limit) throw new FormatError(`"${file.name}" is larger than the ${limit} bytes that can be read.`);
  const reader = await openBytes(file);
  try {
    return await reader.readRest(limit);
  } finally {
    await reader.close();
  }
}
