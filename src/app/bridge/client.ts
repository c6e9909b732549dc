/** What the page can ask of the worker. All news goes into the run store. */
import type { Continuation } from "../../core/catalog";
import type { RunConfig } from "../../core/config";
import { emptyHistory } from "../../core/history";
import type { Policy } from "../../core/policy";
import type { TrainTarget } from "../../core/protocol";
import { isBusy, originOf, useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { followDescription, isDescribed } from "./describe";
import { followSelection } from "./inspect";
import { followResizing, openAddress } from "./data";
import { command, connect, prepare, runningJob, work } from "./session";

/** Opens the worker, and follows settings and selection from then on. Called once. */
export function startBridge(): void {
  followDescription();
  followResizing();
  connect();
  followSelection();
  openAddress();
  if (useSettings.getState().config.modelUrl !== "") void import("./network-file").then((files) => files.openModelAddress());
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
  const { data, network, described } = useRun.getState();
  if (!data || runningJob()) return Promise.resolve();
  useRun.setState(({ runs, version }) => ({
    ...NOTHING_RAN,
    history: emptyHistory(),
    version: version + 1,
    ran: { config, data, network, described: isDescribed(config) ? described : null },
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
  const { data, network, described, policySource } = useRun.getState();
  if (!data || runningJob()) return;
  useRun.setState(({ ran }) => ({ ran: ran ?? { config, data, network, described } }));
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
  const { data, network, history, catalog, policySource, ran } = useRun.getState();
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
      ran: { config, data, network, described },
      runs: goesOn ? state.runs : state.runs + 1,
      version: state.version + 1,
    };
  });
  await work((worker, emit) => worker.resume(config, knobs, { policy, weights }, emit));
}

/** What a search takes over from the run that it goes on with: its network, and its widths unless another method chose them. */
function goingOn(ran: RunConfig, set: RunConfig, method: string): Partial<RunConfig> {
  const { options, seed, backend } = ran;
  const { weightBits, activationBits } = ran.method === method ? ran : set;
  return { ...networkOf(ran), options, seed, backend, weightBits, activationBits };
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
  const { method, options, weightBits, activationBits } = ran;
  return { ...config, ...networkOf(ran), method, options, weightBits, activationBits };
}

/** What decides which network a configuration has, on which data, and which of its layers are quantized. */
function networkOf(config: RunConfig): Partial<RunConfig> {
  const { model, width, data, unit, includeEnds, expensive, excluded, activations, resolution, normalise, start, adapt } = config;
  return { model, width, data, unit, includeEnds, expensive, excluded, activations, resolution, normalise, start, adapt };
}
