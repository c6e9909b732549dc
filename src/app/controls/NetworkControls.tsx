import { LIMITS } from "../../core/config";
import { MODELS } from "../../core/models";
import { useSettings } from "../store/settings";
import { NumberField } from "./NumberField";
import { SelectField } from "./SelectField";

const NETWORKS = MODELS.map(({ id, label }) => ({ id, label }));

/** Network and its width. */
export function NetworkControls() {
  const model = useSettings((state) => state.config.model);
  const width = useSettings((state) => state.config.width);
  const change = useSettings((state) => state.change);
  return (
    <div className="field-row">
      <SelectField label="Network" value={model} values={NETWORKS} onChange={(id) => change({ model: id })} />
      <NumberField label="Width" value={width} limits={LIMITS.width} whole onChange={(value) => change({ width: value })} />
    </div>
  );
}
