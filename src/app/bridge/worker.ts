/** Opens the search worker. The only place that knows Comlink and the worker's address. */
import { proxy, wrap, type Remote } from "comlink";
import type { SearchWorker } from "../../core/protocol";

export interface Connection {
  readonly worker: Remote<SearchWorker>;
  /** Makes a callback that the worker can call. */
  readonly listener: <T>(hear: (news: T) => void) => (news: T) => void;
  readonly close: () => void;
}

/**
 * Starts a worker. One that does not load, or that dies, answers nothing and a Comlink call would wait for ever: `onBroken` then
 * gets a sentence instead.
 */
export function openWorker(onBroken: (message: string) => void): Connection {
  const worker = new Worker(new URL("../../../workers/search.worker.ts", import.meta.url), { type: "module", name: "search" });
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    onBroken(
      event.message
        ? `The computing part of the page stopped: ${event.message}.`
        : "The computing part of the page (its worker script) could not be loaded. Check the connection to the server.",
    );
  });
  worker.addEventListener("messageerror", () => onBroken("A message of the computing part could not be read."));
  return { worker: wrap<SearchWorker>(worker), listener: proxy, close: () => worker.terminate() };
}
