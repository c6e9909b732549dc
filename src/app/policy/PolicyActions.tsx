import { lazy, Suspense } from "react";
import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { retrain } from "../bridge/client";
import { deriveIfPossible, useRunActions } from "../controls/run-actions";
import { takeFiles } from "../controls/take-files";
import { bits, kernelRange } from "../format";
import { useDock } from "../store/dock";
import { useHistory, useRun, type PolicySource } from "../store/run";

/** Writers and the policy's schema come when the page stands. */
const ExportMenu = lazy(() => import("./ExportMenu"));

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
        <FileTrigger acceptedFileTypes={[".json", "application/json"]} onSelect={(files) => void takeFiles([...(files ?? [])])}>
          <Button className="button" isDisabled={actions.busy}>
            Open policy
          </Button>
        </FileTrigger>
        <Suspense fallback={<Button className="button">Export</Button>}>
          <ExportMenu isOpen={isExportOpen} onOpenChange={onExportOpenChange} />
        </Suspense>
      </div>
    </section>
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
  }
}
