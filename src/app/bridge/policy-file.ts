/** Opens policy files. */
import { emptyHistory } from "../../core/history";
import { parsePolicy, policyMismatch, type Policy } from "../../core/policy";
import { useRun } from "../store/run";
import { describe } from "./describe";
import { logged } from "./events";
import { runningJob } from "./session";

/** Shows a policy from a file if it is one and fits the network that is set; else says what is wrong. */
export async function openPolicy(file: File): Promise<void> {
  const refusal = runningJob() ? "A policy can be opened when no run is under way." : await show(file);
  if (refusal !== null) useRun.setState({ policyProblem: `${file.name}: ${refusal}` });
}

async function show(file: File): Promise<string | null> {
  const { data } = useRun.getState();
  if (!data) return "The data is not open yet, and the policy has to fit the network for it. Open it again in a moment.";
  const parsed = parsePolicy(await file.text());
  if (!parsed.ok) return parsed.message;
  await describe();
  const { described, problem } = useRun.getState();
  if (!described) return problem ?? "The network is not there: choose one, then open the policy again.";
  const mismatch = policyMismatch(parsed.policy, described.space.layers);
  if (mismatch) return mismatch;
  put(parsed.policy, file.name);
  return null;
}

function put(policy: Policy, fileName: string): void {
  useRun.setState((state) => {
    const shown = state.ran?.described;
    const fits = shown && policyMismatch(policy, shown.space.layers) === null;
    // A run of another network cannot share its charts with this policy.
    const kept = fits ? { history: state.history, ran: state.ran } : { history: emptyHistory(), ran: null, view: null };
    kept.history.policy = policy;
    kept.history.tried = [];
    return {
      ...kept,
      version: state.version + 1,
      policySource: { type: "opened", fileName },
      policyProblem: null,
      log: logged(state, "note", `Policy opened: ${fileName}.`),
    };
  });
}
