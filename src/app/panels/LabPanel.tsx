import { useEffect, useId } from "react";
import { DISTRIBUTIONS } from "../../core/distributions";
import { competingSchemes, sharedCandidates, type Role } from "../../core/search";
import type { LabQuantizer } from "../../core/views";
import { followLab } from "../bridge/lab";
import { SelectField } from "../controls/SelectField";
import { NO_NUMBER } from "../format";
import { CHOSEN_LAYER, useLab } from "../store/lab";
import { useSpace } from "../store/run";
import { useSelection } from "../store/selection";
import { Guard } from "./Guard";
import { QualityChart, StaircaseChart } from "./lazy-charts";

const ROLES = [
  { id: "weight", label: "Weights" },
  { id: "activation", label: "Activations" },
] as const;

/** Every quantizer on values of one's choice, without running a search. */
export default function LabPanel() {
  const { view, quantizer, bits, role } = useLab();
  const searched = useSearchedQuantizer(role);
  useEffect(followLab, []);
  const quantizers = view?.quantizers ?? [];
  const byId = (wanted: string | null): LabQuantizer | undefined => quantizers.find(({ id }) => id === wanted);
  const chosen = byId(quantizer) ?? byId(searched) ?? quantizers[0] ?? null;
  return (
    <div className="lab-panel">
      <LabControls />
      <Quantizers quantizers={quantizers} chosen={chosen} bits={bits} />
      <div className="lab-cell">
        <Guard name="Staircase">
          <StaircaseChart view={view} quantizer={chosen} bits={bits} />
        </Guard>
      </div>
      <div className="lab-cell">
        <Guard name="Signal to noise">
          <QualityChart quantizers={quantizers} chosen={chosen?.id ?? null} bits={bits} />
        </Guard>
      </div>
    </div>
  );
}

/** The quantizer whose widths are searched, null where schemes compete. */
function useSearchedQuantizer(role: Role): string | null {
  const space = useSpace();
  const candidates = space ? sharedCandidates(space, role) : [];
  return competingSchemes(candidates) ? null : (candidates[0]?.scheme ?? null);
}

function LabControls() {
  const { source, role, bits, problem } = useLab();
  const layer = useSelection((state) => state.layer);
  const id = useId();
  const sources = [
    ...DISTRIBUTIONS.map(({ id: name, label }) => ({ id: name, label })),
    { id: CHOSEN_LAYER, label: layer === null ? "Chosen layer" : `Layer ${layer}` },
  ];
  return (
    <div className="lab-controls">
      <SelectField
        label="Values"
        value={source}
        values={sources}
        problem={problem}
        onChange={(next) => useLab.setState({ source: next })}
      />
      <SelectField label="Quantizers of" value={role} values={ROLES} onChange={(next) => useLab.setState({ role: next })} />
      <div className="field">
        <label htmlFor={id}>
          Bits <b>{bits}</b>
        </label>
        <input
          id={id}
          className="knob-slider"
          type="range"
          min={1}
          max={8}
          step={1}
          value={bits}
          onChange={(event) => useLab.setState({ bits: Number(event.target.value) })}
        />
      </div>
    </div>
  );
}

interface QuantizersProps {
  readonly quantizers: readonly LabQuantizer[];
  readonly chosen: LabQuantizer | null;
  readonly bits: number;
}

/** All of them with their quality at these bits; choosing one shows its staircase. */
function Quantizers({ quantizers, chosen, bits }: QuantizersProps) {
  const name = useId();
  return (
    <fieldset className="lab-quantizers">
      <legend>
        Quantizer, dB at {bits} {bits === 1 ? "bit" : "bits"}
      </legend>
      {quantizers.map(({ id, label, quality }) => (
        <label key={id} className={quality[bits - 1] === null ? "muted" : undefined}>
          <input type="radio" name={name} checked={id === chosen?.id} onChange={() => useLab.setState({ quantizer: id })} />
          <span>{label}</span>
          <span className="number">{quality[bits - 1]?.toFixed(2) ?? NO_NUMBER}</span>
        </label>
      ))}
    </fieldset>
  );
}
