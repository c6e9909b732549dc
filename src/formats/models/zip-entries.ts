/** The files in a zip archive, unpacked in memory. */
import { Unzip, UnzipInflate, type UnzipFile } from "fflate";
import { FormatError } from "../../core/dataset";
import { openBytes, type NamedBytes } from "../read/bytes";

export interface ZipEntry {
  /** With its folders, "/" between them. */
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** More than any model has. */
const MAX_ENTRIES = 10_000;

/** Packed bytes handed to the decompressor at once: what they become is counted before the next ones follow. */
const PIECE_BYTES = 16_384;

export const isZip = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;

/** All files of an archive of at most `limit` bytes, packed and unpacked. Throws a FormatError. */
export async function zipEntries(archive: NamedBytes, limit: number): Promise<readonly ZipEntry[]> {
  const packed = await readWhole(archive, limit);
  const entries: { readonly path: string; readonly parts: Uint8Array[]; whole: boolean }[] = [];
  let total = 0;
  const damaged = (what: string, cause?: unknown): FormatError =>
    new FormatError(`The archive "${archive.name}" is damaged: ${what}. Get the file again.`, { cause });
  const unzip = new Unzip((file: UnzipFile) => {
    if (file.name.endsWith("/")) return;
    if (entries.length >= MAX_ENTRIES) throw new FormatError(`The archive "${archive.name}" has more than ${MAX_ENTRIES} files.`);
    const entry = { path: file.name.replaceAll("\\", "/"), parts: [] as Uint8Array[], whole: false };
    entries.push(entry);
    file.ondata = (error, data, final) => {
      if (error) throw damaged(`"${entry.path}" does not unpack`, error);
      total += data.length;
      if (total > limit)
        throw new FormatError(`The archive "${archive.name}" unpacks to more than the ${limit} bytes that can be read.`);
      entry.parts.push(data.slice());
      entry.whole ||= final;
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    for (let at = 0; at < packed.length; at += PIECE_BYTES) {
      unzip.push(packed.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= packed.length);
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw damaged("it does not unpack", error);
  }
  const torn = entries.find(({ whole }) => !whole);
  if (torn) throw damaged(`"${torn.path}" is cut off`);
  if (entries.length === 0) throw damaged("there is no file in it");
  return entries.map(({ path, parts }) => ({ path, bytes: joined(parts) }));
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

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
