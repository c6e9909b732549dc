import type { KnobSpec } from "../../core/config";
import { RESOURCES } from "../../core/budget";
import { budgetIn, fromUnit, inUnit, targetReach, useTargetProblem, type Budget } from "../store/budget";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { asText } from "../store/validate";
import { DraftField, within } from "./DraftField";
import { KnobSlider } from "./KnobSlider";

/** The target in bits and in the unit of what it counts, what is in reach, and why a target cannot be met. */
export function TargetKnob({ spec }: { readonly spec: KnobSpec }) {
  const budget = useRun(budgetIn);
  const problem = useTargetProblem();
  return (
    <KnobSlider knob="target" spec={spec} reach={budget && targetReach(budget)}>
      {budget && <BudgetField budget={budget} />}
      {problem && (
        <p className="problem" role="status">
          {problem}
        </p>
      )}
    </KnobSlider>
  );
}

function BudgetField({ budget }: { readonly budget: Budget }) {
  const target = useSettings((state) => state.knobs.target);
  const setKnobs = useSettings((state) => state.setKnobs);
  const { unit } = RESOURCES[budget.resource];
  const reach = targetReach(budget);
  const limits = { min: inUnit(budget, reach.min), max: inUnit(budget, reach.max) };
  return (
    <div className="knob-budget">
      <DraftField
        label={`Target in ${unit}`}
        text={asText(inUnit(budget, target))}
        read={within(limits)}
        onChange={(value) => setKnobs({ target: fromUnit(budget, value) })}
      />
      <span>
        {unit} of {asText(limits.min)} to {asText(limits.max)}
      </span>
    </div>
  );
}
