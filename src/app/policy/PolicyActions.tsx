import { Suspense, useState } from "react";
import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { retrain } from "../bridge/client";
import { deriveIfPossible, useRunActions } from "../controls/run-actions";
import { pickedFiles, takeFiles } from "../controls/take-files";
import { Icon } from "../controls/Icon";
import { bits, kernelRange } from "../format";
import { lazily } from "../panels/lazily";
import { useDock } from "../store/dock";
import { useHistory, useRun, type PolicySource } from "../store/run";

/** Writers and the policy's schema come when they are first asked for. */
const ExportMenu = lazily(() => import("./ExportMenu"));

interface Props {
  readonly isExportOpen: boolean;
  readonly onExportOpenChange: (open: boolean) => void;
}

/** From probabilities to a policy, and what to do with it. */
export function PolicyActions({ isExportOpen, onExportOpenChange }: Props) {
  const actions = useRunActions();
  const { history } = useHistory();
  const problem = useRun((state) => state.policyProblem);
  const { policy } = history;
  return (
    <section className="policy-actions" aria-label="Policy">
      <PolicySummary />
      {problem && (
        <p className="problem" role="status">
          {problem}
        </p>
      )}
      <div className="button-grid">
        <Button className="button" isDisabled={!actions.canDerive} onPress={() => deriveIfPossible(actions)}>
          Derive
        </Button>
        <Button
          className="button"
          isDisabled={!policy || actions.busy || actions.blocked !== null}
          onPress={() => policy && void retrain(policy)}
        >
          Retrain
        </Button>
        <FileTrigger acceptedFileTypes={[".json", "application/json"]} onSelect={(files) => void takeFiles(pickedFiles(files))}>
          <Button className="button" isDisabled={actions.busy}>
            Open policy
          </Button>
        </FileTrigger>
        <ExportButton isOpen={isExportOpen} onOpenChange={onExportOpenChange} />
      </div>
    </section>
  );
}

/** The button alone until it is first pressed, then the menu too. */
function ExportButton({ isOpen, onOpenChange }: { readonly isOpen: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const [opened, setOpened] = useState(isOpen);
  if (isOpen && !opened) setOpened(true);
  const alone = (
    <Button className="button" aria-haspopup="menu" onPress={() => onOpenChange(true)}>
      Export
      <Icon name="menu" />
    </Button>
  );
  if (!opened) return alone;
  return (
    <Suspense fallback={alone}>
      <ExportMenu isOpen={isOpen} onOpenChange={onOpenChange} />
    </Suspense>
  );
}

/** One line about the policy that is there, or about what makes one. */
function PolicySummary() {
  const { history } = useHistory();
  const source = useRun((state) => state.policySource);
  const show = useDock((state) => state.show);
  const { policy } = history;
  if (!policy) return <p className="policy-summary help">No policy yet. A search ends with one.</p>;
  const { averageWeightBits, averageActivationBits } = policy.totals;
  const pruned = policy.layers.reduce((sum, { weight }) => sum + (kernelRange(weight.bits)?.pruned ?? 0), 0);
  return (
    <p className="policy-summary">
      <span>
        {describeSource(source)}: W {bits(averageWeightBits)}, A {bits(averageActivationBits)} bits
        {pruned > 0 && `, ${pruned} pruned`}
      </span>
      <Button className="link" onPress={() => show("layers")}>
        By layer
      </Button>
    </p>
  );
}

function describeSource(source: PolicySource): string {
  switch (source.type) {
    case "none":
    case "derived":
      return "Derived";
    case "opened":
      return source.fileName;
    case "edited":
      return "Edited";
  }
}
