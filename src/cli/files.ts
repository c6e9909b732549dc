/** Files of this machine as the readers take them. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import type { NamedBytes } from "../formats/read";

/** A file, opened anew whenever it is read. */
export async function namedBytes(path: string): Promise<NamedBytes> {
  const { size } = await stat(path);
  return {
    name: basename(path),
    size,
    stream: () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array<ArrayBuffer>>,
  };
}
