import { LIMITS } from "../../core/config";
import { taskOf } from "../../core/dataset";
import { MODELS, modelsFor } from "../../core/models";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { NumberField } from "./NumberField";
import { SelectField } from "./SelectField";

/** Network and its width. The menu offers what the data can train, and what is chosen. */
export function NetworkControls() {
  const model = useSettings((state) => state.config.model);
  const width = useSettings((state) => state.config.width);
  const data = useRun((state) => state.data);
  const fitting = data ? modelsFor(taskOf(data)) : MODELS;
  const networks = MODELS.filter((known) => known.id === model || fitting.includes(known));
  const change = useSettings((state) => state.change);
  return (
    <div className="field-row">
      <SelectField label="Network" value={model} values={networks} onChange={(id) => change({ model: id })} />
      <NumberField label="Width" value={width} limits={LIMITS.width} whole onChange={(value) => change({ width: value })} />
    </div>
  );
}
