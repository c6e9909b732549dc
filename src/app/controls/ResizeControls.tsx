import { LIMITS, type Resizing } from "../../core/config";
import { useSettings } from "../store/settings";
import { NumberField } from "./NumberField";
import { SelectField } from "./SelectField";

const FITS: readonly { readonly id: Resizing["fit"]; readonly label: string }[] = [
  { id: "crop", label: "cut to fit" },
  { id: "pad", label: "with black bars" },
  { id: "stretch", label: "stretched" },
];

/** The size that images of various sizes are brought to, and how. A change reads them again. */
export function ResizeControls() {
  const side = useSettings((state) => state.config.side);
  const fit = useSettings((state) => state.config.fit);
  const change = useSettings((state) => state.change);
  return (
    <div className="field-row">
      <SelectField label="Images" value={fit} values={FITS} onChange={(chosen) => change({ fit: chosen })} />
      <NumberField
        label="Side"
        value={side}
        limits={LIMITS.side}
        whole
        help="0: as most are"
        onChange={(pixels) => change({ side: pixels })}
      />
    </div>
  );
}
