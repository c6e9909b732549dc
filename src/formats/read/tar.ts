/** Tar archives (POSIX ustar and GNU): blocks of 512 bytes, a header before each entry, two empty blocks at the end. */
import { FormatError } from "../../core/dataset";
import type { ByteReader } from "./bytes";

interface TarFile {
  /** Without its folders: nothing is ever written to where an archive says. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface TarLimits {
  /** Bytes of the files that are kept, and of the whole archive. */
  readonly bytes: number;
  readonly entries: number;
}

const BLOCK = 512;

/** Whether a file that starts like this is a tar archive. */
export const isTar = (head: Uint8Array): boolean => text(head, 257, 5) === "ustar";

/** The archive's plain files whose names `wanted` likes; folders, links and extended headers are passed over. */
export async function readTar(
  reader: ByteReader,
  archive: string,
  wanted: (name: string) => boolean,
  limits: TarLimits,
): Promise<readonly TarFile[]> {
  const files: TarFile[] = [];
  let total = 0;
  for (let entries = 0; ; entries++) {
    const header = await reader.read(BLOCK, "end mark or next entry");
    if (header.every((byte) => byte === 0)) break;
    const { name, size, isFile } = parseHeader(header, archive);
    total += size;
    if (entries === limits.entries) throw new FormatError(`The archive "${archive}" has more than ${limits.entries} entries.`);
    if (total > limits.bytes) {
      throw new FormatError(`The archive "${archive}" says it unpacks to more than the ${limits.bytes} bytes that can be read.`);
    }
    if (isFile && wanted(name)) files.push({ name, bytes: await reader.read(size, `file "${name}"`) });
    else await reader.skip(size, `file "${name}"`);
    await reader.skip((BLOCK - (size % BLOCK)) % BLOCK, "padding");
  }
  await finish(reader, archive);
  return files;
}

/** Only the end mark's padding may follow; reading it makes the decompressor check its checksum. */
async function finish(reader: ByteReader, archive: string): Promise<void> {
  // GNU tar pads to records of 10 KiB; some writers to more.
  const padding = await reader.readRest(2 ** 20);
  if (padding.some((byte) => byte !== 0)) {
    throw new FormatError(`The archive "${archive}" goes on after its end mark: it is damaged. Get the file again.`);
  }
}

function parseHeader(
  header: Uint8Array,
  archive: string,
): { readonly name: string; readonly size: number; readonly isFile: boolean } {
  const damaged = (what: string): FormatError =>
    new FormatError(`The archive "${archive}" is damaged: ${what}. Get the file again.`);
  if (!isTar(header)) throw damaged('an entry lacks the mark "ustar"');
  const expected = octal(header, 148, 8);
  // The sum of all bytes, with the field that holds it counted as eight spaces.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (expected !== sum) throw damaged("an entry's checksum is wrong");
  const size = octal(header, 124, 12);
  if (size === null) throw damaged("an entry's size is not a number");
  const path = text(header, 0, 100);
  const type = header[156];
  // "0", NUL of old writers, and "7" (contiguous) are plain files.
  const isFile = type === 0x30 || type === 0 || type === 0x37;
  return { name: path.slice(path.lastIndexOf("/") + 1), size, isFile };
}

/** A number field: octal digits with spaces or NULs around; null for anything else. */
function octal(header: Uint8Array, at: number, length: number): number | null {
  const digits = text(header, at, length).trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : null;
}

/** A text field up to its NUL. */
function text(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
