/** Opens the worker that lays out networks: one for each layout, so that one that is not wanted any more can be ended. */
import { wrap } from "comlink";
import type { NetworkView } from "../../core/network/boxes";
import type { LayoutWorker, NetworkLayout } from "../../core/network/layout";

export interface LayoutJob {
  /** Fails with a sentence. */
  readonly layout: Promise<NetworkLayout>;
  readonly cancel: () => void;
}

/** Lays out a view of a network. */
export function layOutNetwork(view: NetworkView): LayoutJob {
  const worker = new Worker(new URL("../../../workers/layout.worker.ts", import.meta.url), { type: "module", name: "layout" });
  // A worker that does not load answers nothing: Comlink would wait for ever.
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      reject(
        new Error(
          event.message
            ? `The network could not be laid out: ${event.message}.`
            : "The part of the page that lays out networks could not be loaded. Check the connection to the server, then open this tab again.",
        ),
      );
    });
  });
  const cancel = (): void => worker.terminate();
  const layout = Promise.race([wrap<LayoutWorker>(worker).layOut(view), broken]);
  return { layout: layout.finally(cancel), cancel };
}
