/** Opens networks from files. */
import { withStart } from "../../core/config";
import type { ReadingProgress } from "../../core/dataset";
import { IMPORTED } from "../../core/imported";
import type { NetworkFiles } from "../../core/protocol";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { describe } from "./describe";
import { logged } from "./events";
import { currentWorker, listener, runningJob, sentence, work } from "./session";

/** Reads a network and chooses it; the former one stays if it cannot be used. An address goes into the page's own. */
export async function openNetwork(source: NetworkFiles): Promise<void> {
  const worker = currentWorker();
  if (!worker) return;
  if (runningJob()) return refuse("The network cannot change during a run: stop it first.");
  useRun.setState({ networkImport: { type: "reading", progress: null } });
  const tell = listener<ReadingProgress>((progress) => {
    if (useRun.getState().networkImport.type === "reading") useRun.setState({ networkImport: { type: "reading", progress } });
  });
  try {
    const answer = await worker.importNetwork(source, tell);
    if (!answer.ok) return refuse(answer.message);
    const { name, format, notes } = answer.value;
    useRun.setState((state) => ({
      networkImport: { type: "none" },
      network: answer.value,
      log: logged(state, "note", [`Network read: ${name} (${format}).`, ...notes].join(" ")),
    }));
    const { config, change } = useSettings.getState();
    change(withStart(config, { model: IMPORTED, modelUrl: source.type === "url" ? source.url : "" }));
    await describe();
  } catch (error) {
    refuse(sentence(error));
  }
}

/** Opens the network that the page's address names. */
export function openModelAddress(): void {
  const { model, modelUrl } = useSettings.getState().config;
  if (model === IMPORTED && modelUrl !== "") void openNetwork({ type: "url", url: modelUrl });
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
