/** Opens networks from files. */
import { PRETRAINED_RATE } from "../../core/config";
import { IMPORTED } from "../../core/imported";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { describe } from "./describe";
import { logged } from "./events";
import { currentWorker, runningJob, sentence, work } from "./session";

/** Reads files as a network and chooses it; the former network stays if they cannot be used. */
export async function importNetwork(files: readonly File[]): Promise<void> {
  const worker = currentWorker();
  if (!worker) return;
  if (runningJob()) return refuse("The network cannot change during a run: stop it first.");
  useRun.setState({ networkImport: { type: "reading" } });
  try {
    const answer = await worker.importNetwork(files);
    if (!answer.ok) return refuse(answer.message);
    const { name, format, notes } = answer.value;
    useRun.setState((state) => ({
      networkImport: { type: "none" },
      network: answer.value,
      log: logged(state, "note", [`Network read: ${name} (${format}).`, ...notes].join(" ")),
    }));
    choose();
    await describe();
  } catch (error) {
    refuse(sentence(error));
  }
}

/** Its weights are trained: they are trained on at a lower rate. */
function choose(): void {
  const { config, change } = useSettings.getState();
  if (config.model === IMPORTED) return;
  const slower = config.start === "pretrained" ? { weightRate: config.weightRate * PRETRAINED_RATE } : {};
  change({ model: IMPORTED, ...slower });
}

/** Chooses what the imported network starts from, with the rate that suits it. */
export function startFrom(start: "pretrained" | "scratch"): void {
  const { config, change } = useSettings.getState();
  if (config.start === start) return;
  change({
    start,
    weightRate: start === "pretrained" ? config.weightRate * PRETRAINED_RATE : config.weightRate / PRETRAINED_RATE,
  });
}

/** Evaluates the imported network on the test data as it is. */
export async function checkNetwork(): Promise<void> {
  const { config } = useSettings.getState();
  const { data, described, network } = useRun.getState();
  if (!data || runningJob()) return;
  useRun.setState(({ ran }) => ({ ran: ran ?? { config, data, network, described } }));
  await work((worker, emit) => worker.check(config, emit));
}

function refuse(message: string): void {
  useRun.setState({ networkImport: { type: "failed", message } });
}
