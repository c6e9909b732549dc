/** What the page can ask of the worker. One job at a time; all news goes into the run store. */
import type { RunConfig } from "../../core/config";
import { emptyHistory, type History } from "../../core/history";
import { parsePolicy, policyMismatch, type Policy } from "../../core/policy";
import type { Answer, Command, FailureCode, Prepared, RunEvent, TrainTarget } from "../../core/protocol";
import { isBusy, useRun } from "../store/run";
import { useSelection } from "../store/selection";
import { useSettings } from "../store/settings";
import { spaceOf } from "../store/space";
import { eventQueue, logged } from "./events";
import { openWorker, type Connection } from "./worker";

const queue = eventQueue();
let connection: Connection | null = null;
/** Settles when the running job has ended, whatever the end was. */
let job: Promise<void> | null = null;
/** What the worker was last prepared for, as `preparationKey` writes it. */
let preparedFor: string | null = null;
let preparing = false;

/** Opens the worker, prepares it, and follows settings and selection from then on. Called once. */
export function startBridge(): void {
  connect();
  let frame = 0;
  useSettings.subscribe((state, before) => {
    if (state.config !== before.config) void prepare();
    if (state.knobs !== before.knobs && isBusy(useRun.getState().status)) {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => command({ type: "knobs", knobs: useSettings.getState().knobs }));
    }
  });
  useSelection.subscribe((state, before) => {
    if (state.layer !== before.layer) void inspect(true);
  });
  useRun.subscribe((state, before) => {
    if (state.version !== before.version) void inspect(false);
  });
}

/** Ends a worker that failed and opens another one. What was recorded stays. */
export function tryAgain(): void {
  connection?.close();
  job = null;
  preparedFor = null;
  preparing = false;
  inspecting = false;
  connect();
}

/** Searches from the start with the settings as they are. */
export function start(): Promise<void> {
  const { config, knobs } = useSettings.getState();
  const data = useRun.getState().data;
  if (!data) return Promise.resolve();
  useRun.setState(({ runs }) => ({ ...fresh(), ran: { config, data }, runs: runs + 1 }));
  return work((worker, emit) => worker.run(config, knobs, emit));
}

/** Ends what runs and searches from the start. */
export async function restart(): Promise<void> {
  if (job) {
    stop();
    await job;
  }
  await start();
}

export function pause(): void {
  command({ type: "pause" });
  useRun.setState({ status: { type: "paused" } });
}

export function resume(): void {
  command({ type: "resume" });
  useRun.setState({ status: { type: "running" } });
}

/** One step, then paused; starts a run if none is under way. */
export function step(): void {
  if (!job) void start();
  command({ type: "step" });
  useRun.setState({ status: { type: "paused" } });
}

export function stop(): void {
  command({ type: "stop" });
}

/** During a search: ends it now, so that it is derived. After one: derives again with the rule that is set. */
export async function derive(): Promise<void> {
  if (job) return command({ type: "finish" });
  const config = jobConfig();
  await work((worker, emit) => worker.derive(config, emit));
}

/** Trains the shown policy. */
export async function retrain(policy: Policy): Promise<void> {
  const config = jobConfig();
  const data = useRun.getState().data;
  if (data) useRun.setState(({ ran }) => ({ ran: ran ?? { config, data } }));
  // Weights of a search exist only for a policy that came out of it.
  const from = useRun.getState().policySource.type === "derived" ? config.retrainFrom : "scratch";
  const targets: readonly TrainTarget[] = [{ kind: "policy", policy, from }];
  await work((worker, emit) => worker.train(config, targets, emit));
}

/** Reads dropped or picked data files. True if the data set "imported" is there now. */
export async function importFiles(files: readonly File[]): Promise<boolean> {
  if (!connection) return false;
  if (job) return refuse("The data cannot change while a run is under way: stop it first.");
  useRun.setState({ dataImport: { type: "reading", names: files.map((file) => file.name) } });
  const answer = await connection.worker.importData(files);
  if (!answer.ok) return refuse(answer.message);
  preparedFor = null;
  useRun.setState((state) => ({
    dataImport: { type: "none" },
    imported: answer.value,
    log: logged(state, "note", `Data read: ${answer.value.name}.`),
  }));
  void prepare();
  return true;
}

/** Shows a policy from a file if it is one and fits the network that is set. */
export async function openPolicy(file: File): Promise<void> {
  const refusal = (message: string): void => useRun.setState({ policyProblem: `${file.name}: ${message}` });
  if (job) return refusal("A policy can be opened when no run is under way.");
  const { data, ran } = useRun.getState();
  if (!data) return refusal("Wait until the data is ready: the policy is compared with the network for it.");
  const parsed = parsePolicy(await file.text());
  if (!parsed.ok) return refusal(parsed.message);
  const { policy } = parsed;
  const own = spaceOf(useSettings.getState().config, data);
  if (!own.ok) return refusal(own.message);
  const mismatch = policyMismatch(policy, own.space.layers);
  if (mismatch) return refusal(mismatch);
  const shown = ran && spaceOf(ran.config, ran.data);
  const fits = shown?.ok === true && policyMismatch(policy, shown.space.layers) === null;
  useRun.setState((state) => ({
    // A run of another network cannot share charts with this policy.
    ...(ran && !fits ? { history: emptyHistory(), ran: null, view: null } : {}),
    ...withPolicy(ran && !fits ? emptyHistory() : state.history, policy),
    version: state.version + 1,
    policySource: { type: "opened", fileName: file.name },
    policyProblem: null,
    log: logged(state, "note", `Policy opened: ${file.name}.`),
  }));
}

/** Forgets the run that is shown, so that the page shows the network that is set. */
export function clearRun(): void {
  useRun.setState({ ...fresh(), status: { type: "ready" }, ran: null });
}

function withPolicy(history: History, policy: Policy): { readonly history: History } {
  history.policy = policy;
  history.tried = [];
  return { history };
}

function connect(): void {
  connection = openWorker((message) => fail("internal", message));
  void prepare();
}

/** Opens backend and data for the settings, again if they changed meanwhile. Idle time only: a job opens its own. */
async function prepare(): Promise<void> {
  const asked = connection;
  if (!asked || job || preparing || preparationKey() === preparedFor) return;
  preparing = true;
  useRun.setState({ status: { type: "preparing" } });
  try {
    const catalog = useRun.getState().catalog ?? (await asked.worker.catalog());
    let answer: Answer<Prepared> | null = null;
    while (preparationKey() !== preparedFor) {
      preparedFor = preparationKey();
      answer = await asked.worker.prepare(useSettings.getState().config);
    }
    if (asked !== connection || !answer) return;
    useRun.setState({ catalog });
    if (answer.ok) return useRun.setState({ ...answer.value, status: { type: "ready" } });
    // Another network could be shown for the former data, but it would not be the network that is set.
    if (answer.code === "data") useRun.setState({ data: null, samples: null });
    fail(answer.code, answer.message);
  } catch (error) {
    if (asked === connection) fail("internal", sentence(error));
  } finally {
    if (asked === connection) preparing = false;
  }
}

/** The settings that need another preparation when they change. */
function preparationKey(): string {
  const { backend, data, model } = useSettings.getState().config;
  return [backend, data, model].join();
}

/** Runs one job to its end. */
function work(call: (worker: Connection["worker"], emit: (event: RunEvent) => void) => Promise<void>): Promise<void> {
  const asked = connection;
  if (!asked || job) return Promise.resolve();
  useRun.setState({ status: { type: "running" } });
  const running = call(
    asked.worker,
    asked.listener((event) => {
      if (asked === connection) queue.push(event);
    }),
  )
    .catch((error: unknown) => fail("internal", sentence(error)))
    .finally(() => {
      if (asked !== connection) return;
      queue.flush();
      job = null;
      if (isBusy(useRun.getState().status)) useRun.setState({ status: { type: "finished", stopped: false } });
    });
  job = running;
  return running;
}

function command(message: Command): void {
  void connection?.worker.control(message);
}

let inspecting = false;
let inspectedAt = 0;
/** Histograms change slowly, and each costs the worker a read-back. */
const INSPECT_MS = 1000;

/** Asks for the selected layer's tensors: at once for another layer, else once a second while something runs. */
async function inspect(another: boolean): Promise<void> {
  const { layer } = useSelection.getState();
  if (!connection || layer === null || inspecting || useRun.getState().history.points.length === 0) return;
  if (!another && performance.now() - inspectedAt < INSPECT_MS) return;
  inspecting = true;
  const asked = connection;
  try {
    const view = await asked.worker.inspect(layer);
    if (asked === connection) useRun.setState({ view });
  } finally {
    inspecting = false;
    inspectedAt = performance.now();
  }
  if (useSelection.getState().layer !== layer) await inspect(true);
}

/** Settings of a job on the shown network: that run's network and search, and everything else as it is set now. */
function jobConfig(): RunConfig {
  const { config } = useSettings.getState();
  const ran = useRun.getState().ran?.config;
  if (!ran) return config;
  const { model, width, data, method, options, weightBits, activationBits, includeEnds } = ran;
  return { ...config, model, width, data, method, options, weightBits, activationBits, includeEnds };
}

const fresh = () =>
  ({
    history: emptyHistory(),
    version: 0,
    stage: null,
    view: null,
    policySource: { type: "none" },
    policyProblem: null,
  }) as const;

function fail(code: FailureCode, message: string): void {
  useRun.setState((state) => ({ status: { type: "failed", code, message }, log: logged(state, "failure", message) }));
}

function refuse(message: string): false {
  useRun.setState({ dataImport: { type: "failed", message } });
  return false;
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
