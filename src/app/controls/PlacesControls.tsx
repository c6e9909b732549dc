import { EXPENSIVE, type Expensive } from "../../core/expensive";
import { useSettings } from "../store/settings";
import { CheckField } from "./CheckField";
import { ManyField } from "./ManyField";
import { SelectField } from "./SelectField";

const TYPES: Readonly<Record<Expensive, string>> = { conv: "Convolutions", dense: "Dense layers", lstm: "LSTM gates" };

const INPUTS = [
  { id: "layer", label: "Layer input" },
  { id: "tensor", label: "Tensor (QAG)" },
] as const;

/** Where quantizers go: which layers are searched, and what one quantizer serves. */
export function PlacesControls() {
  const { expensive, includeEnds, activations } = useSettings((state) => state.config);
  const change = useSettings((state) => state.change);
  return (
    <>
      <ManyField
        label="Searched layers"
        value={expensive.join(",")}
        values={EXPENSIVE.map((id) => ({ id, label: TYPES[id] }))}
        help="The Layers tab switches single ones."
        onChange={(value) => change({ expensive: EXPENSIVE.filter((id) => value.split(",").includes(id)) })}
      />
      <CheckField
        label="Search the first and the last layer too"
        checked={includeEnds}
        onChange={(ends) => change({ includeEnds: ends })}
      />
      <SelectField
        label="One quantizer for each"
        value={activations}
        values={INPUTS}
        help="Matters where several layers read one tensor; the Network tab shows it."
        onChange={(value) => change({ activations: value })}
      />
    </>
  );
}
