/** NumPy's arrays (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): a header in Python's notation, then the elements. */
import { FormatError } from "../../../core/dataset";
import { openBytes, type ByteReader, type NamedBytes } from "../bytes";
import { elementReader, type ElementReader } from "./elements";

export interface NpyArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether the first axis is the one that runs fastest. */
  readonly fortran: boolean;
  /** Whether every element is a byte from 0 to 255. */
  readonly isBytes: boolean;
  /** Hands out all elements in the order of the file, piece by piece, with the place of each piece's first one. */
  readonly each: (visit: (values: ArrayLike<number>, from: number) => void) => Promise<void>;
}

/** Elements that are read at once. */
const PIECE = 65_536;

/** Headers have 128 bytes; those of arrays with many named fields are longer. */
const MAX_HEADER_BYTES = 65_536;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether a file that starts like this is one of NumPy's arrays. */
export const isNpy = (head: Uint8Array): boolean => MAGIC.every((byte, i) => head[i] === byte);

/** Opens an array by its header. A FormatError if it holds no numbers, or more than the file can. */
export async function openNpy(file: NamedBytes, maxElements: number): Promise<NpyArray> {
  const reader = await openBytes(file);
  let header: Header;
  try {
    header = await readHeader(reader, file.path);
  } finally {
    await reader.close();
  }
  const { shape, element, bytes } = header;
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > maxElements) {
    throw new FormatError(`"${file.path}" has ${count} elements; at most ${maxElements} can be held. Give fewer.`);
  }
  if (bytes + count * element.bytes > file.size) {
    throw new FormatError(
      `"${file.path}" is cut off: its ${shape.join(" x ")} elements need more bytes than it has. Get it again.`,
    );
  }
  return {
    name: file.path,
    shape,
    fortran: header.fortran,
    isBytes: element.isByte,
    each: (visit) => readElements(file, header, count, visit),
  };
}

interface Header {
  readonly shape: readonly number[];
  readonly fortran: boolean;
  readonly element: ElementReader;
  /** Of the header itself. */
  readonly bytes: number;
}

async function readHeader(reader: ByteReader, name: string): Promise<Header> {
  const start = await reader.read(8, "header");
  if (!isNpy(start)) throw new FormatError(`"${name}" is not one of NumPy's arrays (.npy). Leave it out.`);
  const lengthBytes = start[6] === 1 ? 2 : 4;
  const length = (await reader.read(lengthBytes, "header")).reduceRight((sum, byte) => sum * 256 + byte, 0);
  if (length > MAX_HEADER_BYTES) throw new FormatError(`"${name}" is damaged: its header claims ${length} bytes. Get it again.`);
  const text = new TextDecoder("latin1").decode(await reader.read(length, "header"));
  const [, type = ""] = /'descr'\s*:\s*'([^']*)'/.exec(text) ?? [];
  const [, order = ""] = /'fortran_order'\s*:\s*(True|False)/.exec(text) ?? [];
  const [, sizes] = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(text) ?? [];
  const element = elementReader(type);
  if (!element) {
    throw new FormatError(
      `"${name}" holds ${type === "" ? "records" : `elements of the type "${type}"`}, which are no numbers: save integers or floats.`,
    );
  }
  if (sizes === undefined || order === "") throw new FormatError(`"${name}" is damaged: its header lacks a shape. Get it again.`);
  const shape = sizes
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  return { shape, fortran: order === "True", element, bytes: 8 + lengthBytes + length };
}

async function readElements(
  file: NamedBytes,
  { element, bytes }: Header,
  count: number,
  visit: (values: ArrayLike<number>, from: number) => void,
): Promise<void> {
  const reader = await openBytes(file);
  try {
    await reader.skip(bytes, "header");
    for (let from = 0; from < count; from += PIECE) {
      const length = Math.min(PIECE, count - from);
      visit(element.read(await reader.read(length * element.bytes, "elements")), from);
    }
    // Reading past the end also makes an archive check its checksum.
    if ((await reader.readSome(1)).length > 0) {
      throw new FormatError(`"${file.path}" goes on after its last element: it is damaged. Get it again.`);
    }
  } finally {
    await reader.close();
  }
}
