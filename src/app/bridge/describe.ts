/** Asks the worker what the settings would search, whenever that may have changed. */
import type { RunConfig } from "../../core/config";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { currentWorker, fail, sentence } from "./session";

/** Follows the settings and the data from then on. */
export function followDescription(): void {
  useSettings.subscribe(({ config }, before) => {
    if (descriptionKey(config) !== descriptionKey(before.config)) void describe();
  });
  useRun.subscribe(({ data }, before) => {
    if (data && data !== before.data) void describe();
  });
}

/** What a description depends on, besides the data behind a name. */
export const descriptionKey = (config: RunConfig): string => {
  const { model, width, data, unit, method, options, weightBits, activationBits, includeEnds } = config;
  const { expensive, excluded, activations } = config;
  const places = [includeEnds, expensive, excluded, activations];
  return JSON.stringify([model, width, data, unit, method, options, weightBits, activationBits, places]);
};

/** Counts the questions: only the answer to the newest one is taken. */
let asked = 0;
/** The settings that the answer in the store is about. */
let answered: RunConfig | null = null;

/** Whether the answer in the store is about these settings. */
export const isDescribed = (config: RunConfig): boolean =>
  answered !== null && descriptionKey(answered) === descriptionKey(config);

/** Settles when the worker has answered for the settings as they are. */
export async function describe(): Promise<void> {
  const worker = currentWorker();
  if (!worker || !useRun.getState().data) return;
  const turn = ++asked;
  const { config } = useSettings.getState();
  try {
    const answer = await worker.describe(config);
    if (turn !== asked || worker !== currentWorker()) return;
    answered = config;
    if (!answer.ok) return useRun.setState({ described: null, problem: answer.message });
    const described = answer.value;
    useRun.setState(({ ran }) => ({
      described,
      problem: null,
      // A run that was started before the answer came has its space from it, too.
      ...(ran && !ran.described && descriptionKey(ran.config) === descriptionKey(config) && { ran: { ...ran, described } }),
    }));
  } catch (error) {
    if (worker === currentWorker()) fail("internal", sentence(error));
  }
}
