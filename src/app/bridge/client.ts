/** What the page can ask of the worker. All news goes into the run store. */
import type { Continuation } from "../../core/catalog";
import type { RunConfig } from "../../core/config";
import { emptyHistory } from "../../core/history";
import type { Policy } from "../../core/policy";
import type { TrainTarget } from "../../core/protocol";
import { isBusy, originOf, useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { logged } from "./events";
import { followDescription, isDescribed } from "./describe";
import { followSelection } from "./inspect";
import { command, connect, currentWorker, prepare, prepareAgain, runningJob, sentence, work } from "./session";

/** Opens the worker, and follows settings and selection from then on. Called once. */
export function startBridge(): void {
  followDescription();
  connect();
  followSelection();
  let frame = 0;
  useSettings.subscribe((state, before) => {
    if (state.config !== before.config) void prepare();
    if (state.knobs === before.knobs || !isBusy(useRun.getState().status)) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => command({ type: "knobs", knobs: useSettings.getState().knobs }));
  });
}

/** Searches from the start with the settings as they are. */
export function start(): Promise<void> {
  const { config, knobs } = useSettings.getState();
  const { data, described } = useRun.getState();
  if (!data || runningJob()) return Promise.resolve();
  useRun.setState(({ runs, version }) => ({
    ...NOTHING_RAN,
    history: emptyHistory(),
    version: version + 1,
    ran: { config, data, described: isDescribed(config) ? described : null },
    runs: runs + 1,
  }));
  return work((worker, emit) => worker.run(config, knobs, emit));
}

/** Ends what runs and searches from the start. */
export async function restart(): Promise<void> {
  const job = runningJob();
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
  if (!runningJob()) void start();
  command({ type: "step" });
  useRun.setState({ status: { type: "paused" } });
}

export function stop(): void {
  command({ type: "stop" });
}

/** During a search: ends it now, so that it is derived. After one: derives again with the rule that is set. */
export async function derive(): Promise<void> {
  if (runningJob()) {
    command({ type: "finish" });
    // A paused search would otherwise wait with its end until it is resumed.
    return resume();
  }
  const config = configOfShown();
  await work((worker, emit) => worker.derive(config, emit));
}

/** Trains the shown policy. */
export async function retrain(policy: Policy): Promise<void> {
  const config = configOfShown();
  const { data, described, policySource } = useRun.getState();
  if (!data || runningJob()) return;
  useRun.setState(({ ran }) => ({ ran: ran ?? { config, data, described } }));
  // Weights of a search exist only for a policy that came out of it.
  const from = originOf(policySource).type === "derived" ? config.retrainFrom : "scratch";
  const targets: readonly TrainTarget[] = [{ kind: "policy", policy, from }];
  await work((worker, emit) => worker.train(config, targets, emit));
}

/**
 * Goes on from the shown policy, edited or not, with the searches that follow the one of its schemes: with the weights of the shown
 * search, or with new ones for a policy from a file. The settings become those of the method that does it.
 */
export async function learnOn({ method }: Continuation): Promise<void> {
  const { data, history, catalog, policySource, ran } = useRun.getState();
  const info = catalog?.methods.find(({ id }) => id === method);
  const { policy } = history;
  if (!data || !info || !policy || runningJob()) return;
  const weights = originOf(policySource).type === "derived" && ran ? "search" : "new";
  const settings = useSettings.getState();
  if (settings.config.method !== method) {
    settings.chooseMethod(info);
    settings.change({ options: weights === "search" && ran ? ran.config.options : settings.config.options });
  }
  const { config: set, knobs } = useSettings.getState();
  const config = weights === "search" && ran ? { ...set, ...goingOn(ran.config, set, method) } : set;
  useRun.setState((state) => {
    // What was searched before belongs to the same run only where its weights go on.
    const goesOn = weights === "search" ? state.ran : null;
    const described = goesOn ? goesOn.described : isDescribed(config) ? state.described : null;
    return {
      history: goesOn ? { ...state.history, shown: null } : { ...emptyHistory(), policy },
      ran: { config, data, described },
      runs: goesOn ? state.runs : state.runs + 1,
      version: state.version + 1,
    };
  });
  await work((worker, emit) => worker.resume(config, knobs, { policy, weights }, emit));
}

/** What a search takes over from the run that it goes on with: its network, and its widths unless another method chose them. */
function goingOn(ran: RunConfig, set: RunConfig, method: string): Partial<RunConfig> {
  const { model, width, data, unit, options, includeEnds, expensive, excluded, activations, seed, backend } = ran;
  const { weightBits, activationBits } = ran.method === method ? ran : set;
  const places = { includeEnds, expensive, excluded, activations };
  return { model, width, data, unit, options, ...places, seed, backend, weightBits, activationBits };
}

/** Reads dropped or picked data files. True if the data set "imported" is there now. */
export async function importFiles(files: readonly File[]): Promise<boolean> {
  const worker = currentWorker();
  if (!worker) return false;
  if (runningJob()) return refuseData("The data cannot change during a run: stop it first.");
  useRun.setState({ dataImport: { type: "reading" } });
  try {
    const answer = await worker.importData(files);
    if (!answer.ok) return refuseData(answer.message);
    useRun.setState((state) => ({
      dataImport: { type: "none" },
      imported: answer.value,
      log: logged(state, "note", `Data read: ${answer.value.name}.`),
    }));
    prepareAgain();
    return true;
  } catch (error) {
    return refuseData(sentence(error));
  }
}

/** Forgets the run that is shown, so that the page shows the network that is set. */
export function clearRun(): void {
  useRun.setState(({ version }) => ({
    ...NOTHING_RAN,
    history: emptyHistory(),
    version: version + 1,
    status: { type: "ready" },
  }));
}

/** What belongs to one run. */
const NOTHING_RAN = { ran: null, stage: null, view: null, policySource: { type: "none" }, policyProblem: null } as const;

/** Settings of a job on the shown network: that run's network and search, and everything else as it is set now. */
function configOfShown(): RunConfig {
  const { config } = useSettings.getState();
  const ran = useRun.getState().ran?.config;
  if (!ran) return config;
  const { model, width, data, unit, method, options, weightBits, activationBits } = ran;
  const { includeEnds, expensive, excluded, activations } = ran;
  const places = { includeEnds, expensive, excluded, activations };
  return { ...config, model, width, data, unit, method, options, weightBits, activationBits, ...places };
}

function refuseData(message: string): false {
  useRun.setState({ dataImport: { type: "failed", message } });
  return false;
}
