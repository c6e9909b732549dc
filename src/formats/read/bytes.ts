/** Files as streams of bytes, gzip unpacked on the way, never more in memory than was asked for. */
import { FormatError, StoppedError } from "../../core/dataset";

/** A file, wherever it is: on a disk, inside an archive, or fetched. `namedBytes` makes one of a `File` or `Blob`. */
export interface NamedBytes {
  readonly name: string;
  /** The name with the folders that it was given in or packed in, "/" between them. */
  readonly path: string;
  /** Bytes, not unpacked. */
  readonly size: number;
  /** A new stream from the start at every call. */
  readonly stream: () => ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The bytes `from` to `to`; fewer where the file ends before. */
  readonly slice: (from: number, to: number) => Promise<Uint8Array<ArrayBuffer>>;
}

/** A browser's `File`, or what `openAsBlob` gives in Node. */
export function namedBytes(blob: Blob, path: string): NamedBytes {
  return {
    name: baseName(path),
    path,
    size: blob.size,
    stream: () => blob.stream(),
    slice: async (from, to) => {
      try {
        return new Uint8Array(await blob.slice(from, to).arrayBuffer());
      } catch (error) {
        throw unreadable(path, error);
      }
    },
  };
}

/** A path's last part. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const unreadable = (name: string, cause: unknown): FormatError =>
  new FormatError(`"${name}" could not be read: it was moved, changed or removed. Choose it again.`, { cause });

/** Reads on from where it stands. Every method throws a FormatError if the file is damaged. */
export interface ByteReader {
  /** Exactly `count` bytes; `content` says in the error's sentence what they would have been. */
  readonly read: (count: number, content: string) => Promise<Uint8Array<ArrayBuffer>>;
  /** All that is left, or a FormatError once it exceeds `limit` bytes. */
  readonly readRest: (limit: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** At most `count` bytes: fewer at the end. */
  readonly readSome: (count: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** Passes over `count` bytes without keeping them. */
  readonly skip: (count: number, content: string) => Promise<void>;
  /** Lets go of the file; to be called whatever happened. */
  readonly close: () => Promise<void>;
}

/** Deflate cannot do better: a longest match (258 bytes) costs at least two bits. */
export const MAX_UNPACKED_PER_BYTE = 1032;

/** Packed bytes handed to the decompressor at once. It unpacks each piece whole, so a bomb gets no further than 1032 times this. */
const PIECE_BYTES = 16_384;

/** Opens a file at its start; one that begins as gzip does is unpacked, whatever its name. */
export async function openBytes(file: NamedBytes): Promise<ByteReader> {
  const raw = chunkReader(file, source(file));
  let magic: Uint8Array;
  try {
    magic = await raw.readSome(2);
  } finally {
    await raw.close();
  }
  if (!(magic[0] === 0x1f && magic[1] === 0x8b)) return chunkReader(file, source(file), file.size);
  // The two sides of lib.dom's type disagree about which buffers a view may lie on.
  const gunzip = new DecompressionStream("gzip") as ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;
  return chunkReader(file, source(file).pipeThrough(gunzip), file.size * MAX_UNPACKED_PER_BYTE);
}

/** The file's bytes in small pieces; a read that fails is a FormatError. */
function source(file: NamedBytes): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = file.stream().getReader();
  let chunk: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      while (chunk.length === 0) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          throw error instanceof FormatError || error instanceof StoppedError ? error : unreadable(file.name, error);
        });
        if (done) {
          controller.close();
          return;
        }
        chunk = value;
      }
      controller.enqueue(chunk.subarray(0, PIECE_BYTES));
      chunk = chunk.subarray(PIECE_BYTES);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Reads `stream` in the sizes that callers ask for. `bound` is what `file` can hold at most: nothing beyond it is allocated. */
function chunkReader(file: NamedBytes, stream: ReadableStream<Uint8Array<ArrayBuffer>>, bound = Infinity): ByteReader {
  const reader = stream.getReader();
  let chunk: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let position = 0;

  /** The next bytes, at most `count` of them; null at the end. */
  const next = async (count: number): Promise<Uint8Array<ArrayBuffer> | null> => {
    while (chunk.length === 0) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        if (error instanceof FormatError || error instanceof StoppedError) throw error;
        throw new FormatError(`"${file.name}" is damaged or cut off: it does not unpack. Get the file again.`, { cause: error });
      });
      if (done) return null;
      chunk = value;
    }
    const taken = chunk.subarray(0, count);
    chunk = chunk.subarray(taken.length);
    position += taken.length;
    return taken;
  };
  const cutOff = (missing: number, content: string): FormatError =>
    new FormatError(`"${file.name}" is cut off: ${missing} more bytes should follow as its ${content}. Get the file again.`);

  const readSome = async (count: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = new Uint8Array(Math.min(count, bound));
    let filled = 0;
    for (let part = await next(count); part; part = filled < count ? await next(count - filled) : null) {
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes.subarray(0, filled);
  };

  return {
    readSome,
    read: async (count, content) => {
      if (position + count > bound) throw cutOff(position + count - bound, content);
      const bytes = await readSome(count);
      if (bytes.length < count) throw cutOff(count - bytes.length, content);
      return bytes;
    },
    readRest: async (limit) => {
      const parts: Uint8Array[] = [];
      let total = 0;
      for (let part = await next(Infinity); part; part = await next(Infinity)) {
        total += part.length;
        if (total > limit) throw new FormatError(`"${file.name}" holds more than the ${limit} bytes that can be read.`);
        parts.push(part);
      }
      const bytes = new Uint8Array(total);
      let filled = 0;
      for (const part of parts) {
        bytes.set(part, filled);
        filled += part.length;
      }
      return bytes;
    },
    skip: async (count, content) => {
      for (let left = count; left > 0;) {
        const part = await next(left);
        if (!part) throw cutOff(left, content);
        left -= part.length;
      }
    },
    close: async () => {
      // A stream that failed rejects this with the error that reading it has already thrown.
      await reader.cancel().catch(() => undefined);
    },
  };
}
