/** The connection to the worker and its one job at a time. */
import type { Answer, Command, FailureCode, Prepared, RunEvent, SearchWorker } from "../../core/protocol";
import type { Remote } from "comlink";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { eventQueue, logged } from "./events";
import { openWorker, type Connection } from "./worker";

const queue = eventQueue();
/** Null before the first and after one that broke. */
let connection: Connection | null = null;
/** Settles when the running job has ended, whatever the end was. */
let job: Promise<void> | null = null;
/** What the worker was last prepared for, as `preparationKey` writes it. */
let preparedFor: string | null = null;
let preparing = false;

/** The worker, null if there is none that answers. */
export const currentWorker = (): Remote<SearchWorker> | null => connection?.worker ?? null;

/** Makes a callback that the worker can call. */
export const listener: Connection["listener"] = (hear) => (connection ? connection.listener(hear) : hear);

/** The running job, null if none is. */
export const runningJob = (): Promise<void> | null => job;

/** Opens a worker, or asks the one that is there again. What was recorded stays. */
export function connect(): void {
  connection ??= openWorker(breakOff);
  prepareAgain();
}

/** Prepares although nothing in the settings changed: after a failure, and when the imported data is another one. */
export function prepareAgain(): void {
  preparedFor = null;
  void prepare();
}

/** Opens backend and data for the settings, again if they changed meanwhile. Idle time only: a job opens its own. */
export async function prepare(): Promise<void> {
  const asked = connection;
  if (!asked || job || preparing || preparationKey() === preparedFor) return;
  preparing = true;
  useRun.setState({ status: { type: "preparing" } });
  try {
    await openCatalog(asked);
    let answer: Answer<Prepared> | null = null;
    while (preparationKey() !== preparedFor && !isAwaited()) {
      preparedFor = preparationKey();
      answer = await asked.worker.prepare(useSettings.getState().config);
    }
    if (asked !== connection || !answer) return;
    // A job that began meanwhile has the status and tells its own failures.
    if (answer.ok) return useRun.setState({ ...answer.value, ...(!job && { status: { type: "ready" } }) });
    if (job) return;
    // Another network could be shown for the former data, but it would not be the network that is set.
    if (answer.code === "data") useRun.setState({ data: null, samples: null });
    fail(answer.code, answer.message);
  } catch (error) {
    if (asked === connection) fail("internal", sentence(error));
  } finally {
    if (asked === connection) preparing = false;
  }
}

/** Which methods there are; what the address left open follows the defaults of the one it names. */
async function openCatalog({ worker }: Connection): Promise<void> {
  if (useRun.getState().catalog) return;
  const catalog = await worker.catalog();
  useRun.setState({ catalog });
  useSettings.getState().fillIn(catalog.methods);
}

/** Runs one job to its end. Does nothing while another one runs. */
export function work(call: (worker: Remote<SearchWorker>, emit: (event: RunEvent) => void) => Promise<void>): Promise<void> {
  const asked = connection;
  if (!asked || job) return Promise.resolve();
  useRun.setState({ status: { type: "running" }, stage: null });
  const emit = asked.listener<RunEvent>((event) => {
    if (asked === connection) queue.push(event);
  });
  job = call(asked.worker, emit)
    .catch((error: unknown) => fail("internal", sentence(error)))
    .finally(() => {
      if (asked !== connection) return;
      job = null;
      queue.flush();
      // Every job closes with an event; one that did not must not leave the page locked.
      if (isBusy(useRun.getState().status)) useRun.setState({ status: { type: "finished", stopped: false } });
    });
  return job;
}

export function command(message: Command): void {
  void connection?.worker.control(message);
}

/** A failure as the page shows it. */
export function fail(code: FailureCode, message: string): void {
  useRun.setState((state) => ({ status: { type: "failed", code, message }, log: logged(state, "failure", message) }));
}

export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether the data that are set are still being read for the first time: they are prepared when they are there. */
function isAwaited(): boolean {
  const { dataImport, imported } = useRun.getState();
  return dataImport.type === "reading" && !imported && useSettings.getState().config.data === "imported";
}

/** The settings that need another preparation when they change. */
function preparationKey(): string {
  const { backend, data, unit, model, seed } = useSettings.getState().config;
  return [backend, data, unit, model, seed].join();
}

/** The worker answers no more: whoever waits for it would wait for ever. */
function breakOff(message: string): void {
  queue.flush();
  connection?.close();
  connection = null;
  job = null;
  preparing = false;
  useRun.setState({ dataImport: { type: "none" }, backend: null });
  fail("internal", message);
}
