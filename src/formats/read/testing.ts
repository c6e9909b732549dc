/** What tests of readers share: files in memory. */
import { baseName, type NamedBytes } from "./bytes";

/** A file whose stream comes in pieces of `piece` bytes. */
export function memoryFile(path: string, content: Uint8Array | string, piece = 1000): NamedBytes {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : Uint8Array.from(content);
  return {
    name: baseName(path),
    path,
    size: bytes.length,
    stream: () => {
      let at = 0;
      return new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          controller.enqueue(bytes.slice(at, (at += piece)));
        },
      });
    },
    slice: (from, to) => Promise.resolve(bytes.slice(from, to)),
  };
}
