import { Button } from "react-aria-components/Button";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { countEdits } from "../../core/policy-edit";
import { learnOn } from "../bridge/client";
import { undoEdits } from "../bridge/policy-edit";
import { useRunActions } from "../controls/run-actions";
import { originOf, useRun } from "../store/run";
import type { Editable } from "./use-editable";

interface Props {
  readonly editable: Editable;
  readonly isEditing: boolean;
  readonly onEditingChange: (isEditing: boolean) => void;
}

/** Editing the schemes of the policy, taking that back, and going on from them. */
export function EditBar({ editable: { continuation, refusal }, isEditing, onEditingChange }: Props) {
  const edits = useRun(({ history }) => (history.policy ? countEdits(history.policy) : 0));
  const source = useRun((state) => state.policySource);
  const { blocked } = useRunActions();
  const isOpened = originOf(source).type === "opened";
  const weights = isOpened
    ? "It starts from new weights: this policy comes from a file."
    : "It starts from the weights of the search.";
  return (
    <div className="edit-bar" role="group" aria-label="Schemes of the policy">
      <ToggleButton className="button" isSelected={isEditing} isDisabled={refusal !== null} onChange={onEditingChange}>
        Edit schemes
      </ToggleButton>
      <Button className="button" isDisabled={refusal !== null || source.type !== "edited"} onPress={undoEdits}>
        Undo edits
      </Button>
      <Button
        className="button primary"
        isDisabled={refusal !== null || blocked !== null}
        onPress={() => void learnOn(continuation)}
      >
        {continuation.label}
      </Button>
      <p className="help" role="status">
        {refusal ?? blocked ?? `${edits > 0 ? `${edits} edited. ` : ""}${continuation.help} ${weights}`}
      </p>
    </div>
  );
}
