/** Edits of the shown policy, and taking them back. */
import { editPolicy, type TensorEdit } from "../../core/policy-edit";
import { shownDescription, useRun, type RunState } from "../store/run";

/** Gives a tensor of the shown policy another quantizer. Nothing while there is no policy. */
export function editTensor(edit: TensorEdit): void {
  useRun.setState((state) => {
    const { policy } = state.history;
    const space = shownDescription(state)?.space;
    if (!policy || !space) return {};
    const { policySource } = state;
    const [before, source] = policySource.type === "edited" ? [policySource.before, policySource.source] : [policy, policySource];
    const edited = editPolicy(policy, before, edit, space.layers);
    if (edited === before) return withPolicy(state, before, source);
    return withPolicy(state, edited, { type: "edited", before, source });
  });
}

/** Shows the policy as it was before anybody edited it. */
export function undoEdits(): void {
  useRun.setState((state) => {
    const { policySource } = state;
    return policySource.type === "edited" ? withPolicy(state, policySource.before, policySource.source) : {};
  });
}

const withPolicy = (
  { history, version }: RunState,
  policy: NonNullable<RunState["history"]["policy"]>,
  policySource: RunState["policySource"],
): Partial<RunState> => ({ history: { ...history, policy }, version: version + 1, policySource });
