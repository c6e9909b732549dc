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

const workers: Remote<Methods>[] = [];

const desk: WorkerDesk = {
  start: (kind) => workers.push(wrap<Methods>(SCRIPTS[kind]())) - 1,
  call: async (worker, method, args) => {
    const found = workers[worker]?.[method];
    if (!found) throw new RangeError(`Worker ${worker} was not started.`);
    return await found(...args);
  },
};
Object.assign(globalThis, { desk });
