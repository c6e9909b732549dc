import { LIMITS, type DeriveRule } from "../../core/config";
import { useSettings } from "../store/settings";
import { NumberField } from "./NumberField";
import { SelectField } from "./SelectField";

const RULES: readonly { readonly id: DeriveRule["rule"]; readonly label: string; readonly help: string }[] = [
  { id: "winner", label: "Winner takes all", help: "Each tensor gets its most probable bit-width." },
  { id: "categorical", label: "Categorical", help: "One draw for each tensor; the best of several tries within the budget." },
  { id: "multinomial", label: "Multinomial", help: "The most frequent of several draws; the best of several tries." },
];

/** How probabilities become one bit-width for each tensor. */
export function DeriveControls() {
  const rule = useSettings((state) => state.config.derive);
  const change = useSettings((state) => state.change);
  const set = (part: Partial<DeriveRule>): void => change({ derive: { ...rule, ...part } });
  return (
    <>
      <h2>Deriving</h2>
      <SelectField
        label="Rule"
        value={rule.rule}
        values={RULES}
        help={RULES.find(({ id }) => id === rule.rule)?.help}
        onChange={(id) => set({ rule: id })}
      />
      {rule.rule !== "winner" && (
        <div className="field-grid">
          {rule.rule === "multinomial" && (
            <NumberField label="Draws" value={rule.draws} limits={LIMITS.draws} whole onChange={(draws) => set({ draws })} />
          )}
          <NumberField label="Tries" value={rule.tries} limits={LIMITS.tries} whole onChange={(tries) => set({ tries })} />
        </div>
      )}
    </>
  );
}
