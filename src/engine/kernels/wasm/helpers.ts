/** Helper workers that share the kernels' memory and take chunks of the running job. */

export interface Helpers {
  /** Workers that answered; they may be fewer than asked for. Held here, so that none is collected as garbage while it waits. */
  readonly workers: readonly Worker[];
  readonly failure: string | null;
}

/** What a helper needs to start. */
export interface HelperStart {
  readonly compiled: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly job: number;
}

/** A helper that has not answered by then (its script did not load) is given up: the search must start without it. */
const START_MS = 10_000;

/** The calling thread alone, and why. */
export function noHelpers(failure: string | null): Helpers {
  return { workers: [], failure };
}

/** Starts `count` helpers for the job block at byte address `job`. Never rejects: what failed is in `failure`. */
export async function startHelpers(
  compiled: WebAssembly.Module,
  memory: WebAssembly.Memory,
  job: number,
  count: number,
): Promise<Helpers> {
  const start: HelperStart = { compiled, memory, job };
  const results = await Promise.allSettled(Array.from({ length: count }, () => startHelper(start)));
  const failed = results.find((result) => result.status === "rejected");
  return {
    workers: results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
    failure: failed === undefined ? null : (failed.reason as Error).message,
  };
}

/** Resolves once the helper waits for jobs. It ends with the worker that started it. */
function startHelper(start: HelperStart): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./helper.worker.ts", import.meta.url), { type: "module", name: "kernels" });
    const giveUp = (reason: string): void => {
      clearTimeout(timer);
      worker.terminate();
      reject(new Error(reason));
    };
    const timer = setTimeout(() => {
      giveUp("A helper thread did not start in time.");
    }, START_MS);
    worker.onerror = (event) => {
      // A script that cannot be fetched gives an event without a message.
      giveUp(`A helper thread failed to start: ${event.message || "its script could not be loaded"}.`);
    };
    worker.onmessage = () => {
      clearTimeout(timer);
      resolve(worker);
    };
    worker.postMessage(start);
  });
}
