/** Opens workers for the measuring program, which has no module workers of its own in Node, and passes its calls on to them. */
import { wrap, type Remote } from "comlink";

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** What the program calls through Playwright. */
export interface WorkerDesk {
  /** Starts a worker; gives its number. */
  readonly start: (kind: keyof typeof SCRIPTS) => number;
  readonly call: (worker: number, method: string, args: readonly unknown[]) => Promise<unknown>;
}

const SCRIPTS = {
  engine: () => new Worker(new URL("./engine.worker.ts", import.meta.url), { type: "module" }),
  composed: () => new Worker(new URL("./composed.worker.ts", import.meta.url), { type: "module" }),
} as const;

interface Started {
  readonly methods: Remote<Methods>;
  /** Rejects once the worker breaks: one whose script throws would never answer. */
  readonly broken: Promise<never>;
}

const workers: Started[] = [];

function started(worker: Worker): Started {
  const broken = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(`A worker broke: ${message || "its script could not be loaded"}.`));
  });
  // Whoever calls hears of it.
  broken.catch(() => undefined);
  return { methods: wrap<Methods>(worker), broken };
}

const desk: WorkerDesk = {
  start: (kind) => workers.push(started(SCRIPTS[kind]())) - 1,
  call: async (number, method, args) => {
    const worker = workers[number];
    const found = worker?.methods[method];
    if (!found) throw new RangeError(`Worker ${number} was not started.`);
    return await Promise.race([found(...args), worker.broken]);
  },
};
Object.assign(globalThis, { desk });
