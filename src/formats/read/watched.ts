/** Files that say how far they have been read. */
import type { ReadContext } from "./reader";
import type { NamedBytes } from "./bytes";

/** The same files; `tell` hears of the bytes of all of them that were streamed, and ends the streams by throwing. */
export function watched(files: readonly NamedBytes[], tell: ReadContext["tell"]): readonly NamedBytes[] {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  /** Of each file, as far as the stream that got furthest: headers are read before the rest. */
  const reached = new Map<NamedBytes, number>();
  return files.map((file) => ({
    ...file,
    stream: () => {
      let at = 0;
      const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (chunk, controller) => {
          at += chunk.length;
          if (at > (reached.get(file) ?? 0)) reached.set(file, at);
          const done = [...reached.values()].reduce((sum, bytes) => sum + bytes, 0);
          tell({ what: "Reading", done, total });
          controller.enqueue(chunk);
        },
      });
      return file.stream().pipeThrough(counter);
    },
  }));
}
