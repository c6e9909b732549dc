/** Zip archives, by the directory at their end: each entry is a file that is unpacked when it is read. */
import { inflateSync } from "fflate";
import { FormatError } from "../../core/dataset";
import { baseName, MAX_UNPACKED_PER_BYTE, type NamedBytes } from "./bytes";
import { crc32 } from "./crc32";

interface ZipLimits {
  /** Bytes of all entries unpacked. */
  readonly bytes: number;
  readonly entries: number;
}

/** Whether a file that starts like this is a zip archive (an empty one starts otherwise). */
export const isZip = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;

/** Name of the first entry, as the archive's first bytes tell it. */
export const firstEntry = (head: Uint8Array): string =>
  isZip(head) ? new TextDecoder().decode(head.subarray(30, 30 + (head[26] ?? 0) + 256 * (head[27] ?? 0))) : "";

/** The files of an archive without its folders. Throws a FormatError for an archive that is damaged or too large. */
export async function openZip(archive: NamedBytes, limits: ZipLimits): Promise<readonly NamedBytes[]> {
  const directory = await readDirectory(archive, limits);
  const entries: NamedBytes[] = [];
  let total = 0;
  let at = 0;
  for (let i = 0; i < directory.count; i++) {
    const entry = parseEntry(archive, directory.view, at);
    at += entry.headerBytes;
    if (entry.path.endsWith("/")) continue;
    total += entry.size;
    if (total > limits.bytes) {
      throw new FormatError(
        `The archive "${archive.name}" says it unpacks to more than the ${limits.bytes} bytes that can be read.`,
      );
    }
    entries.push(entryFile(archive, entry));
  }
  return entries;
}

const damaged = (archive: NamedBytes, what: string): FormatError =>
  new FormatError(`The archive "${archive.name}" is damaged: ${what}. Get the file again.`);

/** A closing record has 22 bytes and a comment of up to 65535. */
const END_BYTES = 22;
const MAX_COMMENT = 65_535;

interface Directory {
  readonly view: DataView;
  readonly count: number;
}

async function readDirectory(archive: NamedBytes, limits: ZipLimits): Promise<Directory> {
  const tailAt = Math.max(0, archive.size - END_BYTES - MAX_COMMENT);
  const tail = viewOf(await archive.slice(tailAt, archive.size));
  let end = tail.byteLength - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw damaged(archive, "its directory is missing, which stands at the end; it may be cut off");
  let count = tail.getUint16(end + 10, true);
  let bytes = tail.getUint32(end + 12, true);
  let offset = tail.getUint32(end + 16, true);
  // Numbers that do not fit stand in a record of their own, to which a locator before the end points.
  if ((count === 0xffff || offset === 0xffffffff) && end >= 20 && tail.getUint32(end - 20, true) === 0x07064b50) {
    const at = Number(tail.getBigUint64(end - 12, true));
    const large = viewOf(await archive.slice(at, at + 56));
    if (large.byteLength < 56 || large.getUint32(0, true) !== 0x06064b50)
      throw damaged(archive, "its directory is not where it says");
    [count, bytes, offset] = [32, 40, 48].map((field) => Number(large.getBigUint64(field, true))) as [number, number, number];
  }
  if (count > limits.entries) {
    throw new FormatError(`The archive "${archive.name}" has ${count} entries; at most ${limits.entries} can be read.`);
  }
  if (offset + bytes > archive.size) throw damaged(archive, "its directory lies outside the file");
  return { view: viewOf(await archive.slice(offset, offset + bytes)), count };
}

interface Entry {
  readonly path: string;
  readonly flags: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its own header lies. */
  readonly offset: number;
  /** Of this line of the directory. */
  readonly headerBytes: number;
}

const ENTRY_BYTES = 46;

function parseEntry(archive: NamedBytes, view: DataView, at: number): Entry {
  if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== 0x02014b50) {
    throw damaged(archive, "its directory breaks off");
  }
  const nameBytes = view.getUint16(at + 28, true);
  const headerBytes = ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (at + headerBytes > view.byteLength) throw damaged(archive, "its directory breaks off");
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + ENTRY_BYTES, nameBytes));
  return {
    path: name.replaceAll("\\", "/"),
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
    headerBytes,
  };
}

function entryFile(archive: NamedBytes, entry: Entry): NamedBytes {
  return {
    name: baseName(entry.path),
    path: entry.path,
    size: entry.size,
    slice: async (from, to) => (await unpack(archive, entry)).subarray(from, to),
    stream: () => unpackedStream(archive, entry),
  };
}

/** Where an entry's bytes lie in the archive. Refuses what the entry says of itself if it cannot be. */
async function dataRange(archive: NamedBytes, entry: Entry): Promise<readonly [from: number, to: number]> {
  const name = `"${entry.path}"`;
  if ((entry.flags & 1) !== 0) throw new FormatError(`${name} in "${archive.name}" is encrypted: pack it without a password.`);
  if (entry.method !== 0 && entry.method !== 8) {
    throw new FormatError(`${name} in "${archive.name}" is packed by a rare method (${entry.method}): pack it with deflate.`);
  }
  const most = entry.method === 0 ? entry.packed : entry.packed * MAX_UNPACKED_PER_BYTE;
  if (entry.size > most) throw damaged(archive, `${name} cannot unpack to ${entry.size} bytes`);
  const header = viewOf(await archive.slice(entry.offset, entry.offset + 30));
  if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50) throw damaged(archive, `${name} is not where it says`);
  const from = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (from + entry.packed > archive.size) throw damaged(archive, `${name} lies outside the file`);
  return [from, from + entry.packed];
}

/** An entry at once: quicker than a stream for a small one. */
async function unpack(archive: NamedBytes, entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await archive.slice(...(await dataRange(archive, entry)));
  let bytes = packed;
  if (entry.method === 8) {
    try {
      // With a buffer of its own the library allocates nothing, whatever the data say.
      bytes = inflateSync(packed, { out: new Uint8Array(entry.size) }) as Uint8Array<ArrayBuffer>;
    } catch (error) {
      throw new FormatError(`"${entry.path}" in "${archive.name}" does not unpack: the archive is damaged. Get the file again.`, {
        cause: error,
      });
    }
  }
  if (bytes.length !== entry.size || crc32(bytes) !== entry.crc) throw damaged(archive, `"${entry.path}" has a wrong checksum`);
  return bytes;
}

/** Bytes of an archive that are read at once. */
const READ_BYTES = 65_536;

/** An entry piece by piece, for one that is too large to hold; its end checks size and checksum. */
function unpackedStream(archive: NamedBytes, entry: Entry): ReadableStream<Uint8Array<ArrayBuffer>> {
  let range: readonly [number, number] | null = null;
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      range ??= await dataRange(archive, entry);
      const [from, to] = range;
      if (from === to) return controller.close();
      const end = Math.min(to, from + READ_BYTES);
      controller.enqueue(await archive.slice(from, end));
      range = [end, to];
    },
  });
  let [count, crc] = [0, 0];
  const check = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform: (chunk, controller) => {
      count += chunk.length;
      crc = crc32(chunk, crc);
      if (count > entry.size) throw damaged(archive, `"${entry.path}" is longer than it says`);
      controller.enqueue(chunk);
    },
    flush: () => {
      if (count !== entry.size || crc !== entry.crc) throw damaged(archive, `"${entry.path}" has a wrong checksum`);
    },
  });
  // The two sides of lib.dom's type disagree about which buffers a view may lie on.
  const inflate = (): ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> =>
    new DecompressionStream("deflate-raw") as ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;
  return (entry.method === 8 ? packed.pipeThrough(inflate()) : packed).pipeThrough(check);
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);
