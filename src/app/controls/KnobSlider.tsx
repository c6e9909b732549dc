import { useId, type ReactNode } from "react";
import type { Knobs, KnobSpec } from "../../core/config";
import { fromPosition, keyed, toPosition } from "../store/knob-scale";
import { useSettings } from "../store/settings";
import { asText, type Limits } from "../store/validate";
import { DraftField, within } from "./DraftField";

interface Props {
  readonly knob: keyof Knobs;
  readonly spec: KnobSpec;
  /** One line: for a knob beside a more important one. */
  readonly isSmall?: boolean;
  /** The values that can be met, marked along the slider. */
  readonly reach?: Limits | null;
  /** More about this knob, below its slider. */
  readonly children?: ReactNode;
}

/** A knob: its slider, its number, its ticks and one sentence, all from its description. */
export function KnobSlider({ knob, spec, isSmall = false, reach = null, children }: Props) {
  const value = useSettings((state) => state.knobs[knob]);
  const setKnobs = useSettings((state) => state.setKnobs);
  const id = useId();
  const set = (next: number): void => setKnobs({ [knob]: next });
  const name = `${knob.charAt(0).toUpperCase()}${knob.slice(1)}`;
  // A budget typed in its own unit gives a target with more digits than a field has room for.
  const text = asText(Number(value.toPrecision(3)));
  return (
    <div className={isSmall ? "knob small" : "knob"}>
      <label htmlFor={id}>
        <span className="knob-symbol">{spec.symbol}</span> <span className="knob-label">{spec.label}</span>
      </label>
      <DraftField label={`${name} as a number`} text={text} read={within(spec)} onChange={set} />
      <input
        id={id}
        className="knob-slider"
        type="range"
        min={0}
        max={1}
        step="any"
        value={toPosition(value, spec)}
        aria-valuetext={`${name} ${text}`}
        aria-describedby={`${id}-help`}
        onChange={(event) => set(fromPosition(Number(event.target.value), spec))}
        onKeyDown={(event) => {
          const next = keyed(value, event.key, spec);
          if (next === null) return;
          event.preventDefault();
          set(next);
        }}
      />
      {!isSmall && <Ticks spec={spec} reach={reach} />}
      {children}
      <p id={`${id}-help`} className="help">
        {spec.help}
      </p>
    </div>
  );
}

function Ticks({ spec, reach }: { readonly spec: KnobSpec; readonly reach: Limits | null }) {
  const place = (value: number): string => `${100 * toPosition(value, spec)}%`;
  return (
    <div className="knob-ticks" aria-hidden="true">
      {spec.ticks.map((tick) => (
        <span key={tick} style={{ left: place(tick) }}>
          {asText(tick)}
        </span>
      ))}
      {reach && <i style={{ left: place(reach.min), width: `calc(${place(reach.max)} - ${place(reach.min)})` }} />}
    </div>
  );
}
