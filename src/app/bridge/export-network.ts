/** Files that are made of the network's weights, which the worker has. */
import type { NetworkExporter } from "../../formats/write";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { logged } from "./events";
import { currentWorker, sentence } from "./session";

/** The bytes of a file about the shown network; null if there are none, which is then said beside the policy. */
export async function networkFile(exporter: NetworkExporter): Promise<Uint8Array<ArrayBuffer> | null> {
  const { ran, history } = useRun.getState();
  const config = ran?.config ?? useSettings.getState().config;
  const refuse = (problem: string): null => {
    useRun.setState({ policyProblem: problem });
    return null;
  };
  try {
    const answer = await currentWorker()?.exportNetwork(config, history.policy);
    if (!answer) return refuse("There is no network yet: wait until the page is ready.");
    if (!answer.ok) return refuse(answer.message);
    const { bytes, notes } = exporter.write(answer.value, config);
    useRun.setState((state) => ({
      policyProblem: null,
      log: notes.reduce(
        (log, note) => logged({ log }, "note", note),
        logged(state, "note", `Weights written: ${answer.value.from}.`),
      ),
    }));
    return bytes;
  } catch (error) {
    return refuse(sentence(error));
  }
}
