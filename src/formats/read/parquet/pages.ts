/**
 * Checks the pages of a column before the library decodes them: it trusts the counts inside a page, and a wrong one would make it run or
 * allocate without end. What most writers do passes: pages of version 1 and 2, plain or with a dictionary.
 */
import { parquetHeader } from "hyparquet/src/column.js";
import { FormatError } from "../../../core/dataset";
import { MAX_UNPACKED_PER_BYTE } from "../bytes";

export type Decompress = (bytes: Uint8Array, unpackedBytes: number) => Uint8Array;

export interface ColumnPages {
  /** Of a whole column in a group of rows. */
  readonly bytes: Uint8Array;
  /** Rows of the group, all of which the pages must hold. */
  readonly rows: number;
  /** How deep the column lies in parts that may be missing: its definition levels run from 0 to this. */
  readonly maxLevel: number;
  readonly decompress: Decompress;
  /** Of the pages unpacked. */
  readonly maxBytes: number;
}

/** A FormatError with `name` in its sentence if a page cannot be what it says, or is of a kind that is not read. */
export function checkPages(name: string, column: ColumnPages): void {
  const { bytes, rows } = column;
  const reader = { view: viewOf(bytes), offset: 0 };
  let found = 0;
  let unpacked = 0;
  while (found < rows) {
    const header = parquetHeader(reader);
    const [packedBytes, unpackedBytes] = [Number(header.compressed_page_size), Number(header.uncompressed_page_size)];
    const page = bytes.subarray(reader.offset, reader.offset + packedBytes);
    unpacked += unpackedBytes;
    if (!(packedBytes >= 0 && page.length === packedBytes)) throw damaged(name, "a page is longer than its column");
    if (!(unpackedBytes >= 0 && unpackedBytes <= MAX_UNPACKED_PER_BYTE * Math.max(packedBytes, 1))) {
      throw damaged(name, `a page cannot unpack to ${unpackedBytes} bytes`);
    }
    if (unpacked > column.maxBytes) {
      throw new FormatError(`"${name}" unpacks to more than the ${column.maxBytes} bytes that can be read at once.`);
    }
    reader.offset += packedBytes;
    if (header.type === "DICTIONARY_PAGE") {
      checkCount(name, header.dictionary_page_header?.num_values, unpackedBytes);
      continue;
    }
    const [first, second] = [header.data_page_header, header.data_page_header_v2];
    const values = (first ?? second)?.num_values ?? 0;
    if (!(values >= 1 && found + values <= rows)) throw damaged(name, "its pages hold other rows than it says");
    found += values;
    if (header.type === "DATA_PAGE" && first) {
      const unpackedPage = column.decompress(page, unpackedBytes);
      const levelBytes = column.maxLevel > 0 ? 4 + viewOf(unpackedPage).getUint32(0, true) : 0;
      checkLevels(name, unpackedPage.subarray(4, levelBytes), levelBytes - 4, column.maxLevel, values);
      checkValues(name, unpackedPage.subarray(levelBytes), first.encoding, values);
    } else if (header.type === "DATA_PAGE_V2" && second) {
      const levelBytes = second.definition_levels_byte_length;
      const valueBytes = unpackedBytes - levelBytes;
      if (
        second.repetition_levels_byte_length !== 0 ||
        !(second.num_nulls >= 0 && second.num_nulls <= values) ||
        valueBytes < 0
      ) {
        throw damaged(name, "the header of a page contradicts itself");
      }
      checkLevels(name, page.subarray(0, levelBytes), levelBytes, column.maxLevel, values);
      const packed = page.subarray(levelBytes);
      const isPacked = second.is_compressed !== false && valueBytes > 0;
      checkValues(name, isPacked ? column.decompress(packed, valueBytes) : packed, second.encoding, values);
    } else throw rare(name, header.type);
  }
}

const damaged = (name: string, what: string): FormatError =>
  new FormatError(`"${name}" is damaged: ${what}. Get the file again.`);

const rare = (name: string, what: string): FormatError =>
  new FormatError(`"${name}" is written in a way that is not read (${what}): write it again with pyarrow's usual settings.`);

/** A value takes at least four bytes in a plain dictionary. */
function checkCount(name: string, count: number | undefined, bytes: number): void {
  if (!(count !== undefined && count >= 0 && 4 * count <= bytes))
    throw damaged(name, "its dictionary has another length than it says");
}

/** Whether each of the values is there: `length` bytes of runs. */
function checkLevels(name: string, levels: Uint8Array, length: number, maxLevel: number, values: number): void {
  if (maxLevel === 0) return;
  if (levels.length !== length) throw damaged(name, "its levels are longer than their page");
  if (checkRuns(name, levels, bitsFor(maxLevel), values) < values) throw damaged(name, "its levels are shorter than it says");
}

function checkValues(name: string, bytes: Uint8Array, encoding: string, values: number): void {
  if (encoding === "PLAIN") return;
  if (encoding !== "PLAIN_DICTIONARY" && encoding !== "RLE_DICTIONARY") throw rare(name, encoding);
  const bits = bytes[0] ?? 0;
  if (bits > 32) throw damaged(name, "its places in a dictionary are too wide");
  // Missing values have no place here, so that there may be fewer than `values`, but not more.
  if (bytes.length > 1) checkRuns(name, bytes.subarray(1), bits, values);
}

const bitsFor = (most: number): number => 32 - Math.clz32(most);

/** Runs of equal values and packed groups of eight: none may promise more than is left. Gives how many values they have. */
function checkRuns(name: string, bytes: Uint8Array, bits: number, count: number): number {
  let at = 0;
  let seen = 0;
  while (seen < count && at < bytes.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 28) throw damaged(name, "a run in a page breaks off");
      header += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const packed = header % 2 === 1;
    const run = Math.floor(header / 2) * (packed ? 8 : 1);
    // The last group of eight may be filled up.
    if (run === 0 || seen + run > count + (packed ? 7 : 0))
      throw damaged(name, "a run in a page has another length than it says");
    seen += run;
    at += packed ? (run / 8) * bits : Math.ceil(bits / 8);
  }
  return seen;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView => new DataView(buffer, byteOffset, byteLength);
