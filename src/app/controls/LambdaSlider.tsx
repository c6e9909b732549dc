import { useId, useState } from "react";
import { KNOBS } from "../../core/config";
import { fromPosition, keyed, toPosition } from "../store/log-scale";
import { isBusy, useRun } from "../store/run";
import { useKnobs, useSettings } from "../store/settings";
import { asText, clamp } from "../store/validate";

const { lambda: LIMIT } = KNOBS;
const DECADES = [1e-6, 1e-4, 1e-2, 1];

/** The knob: it acts on the running search, and looks like nothing else on the page. */
export function LambdaSlider() {
  const { lambda } = useKnobs();
  const setKnobs = useSettings((state) => state.setKnobs);
  const live = useRun((state) => isBusy(state.status) && state.stage?.kind === "search");
  const id = useId();
  return (
    <section className="knob" aria-label="Complexity weight">
      <div className="knob-title">
        <label htmlFor={id}>
          <span className="knob-symbol">λ</span> complexity weight
        </label>
        <LambdaField />
      </div>
      <input
        id={id}
        className="knob-slider"
        type="range"
        min={0}
        max={1}
        step="any"
        value={toPosition(lambda, LIMIT)}
        aria-valuetext={`lambda ${asText(lambda)}`}
        aria-describedby={`${id}-note`}
        onChange={(event) => setKnobs({ lambda: fromPosition(Number(event.target.value), LIMIT) })}
        onKeyDown={(event) => {
          const next = keyed(lambda, event.key, LIMIT);
          if (next === null) return;
          event.preventDefault();
          setKnobs({ lambda: next });
        }}
      />
      <div className="knob-ticks" aria-hidden="true">
        {DECADES.map((value) => (
          <span key={value}>{asText(value)}</span>
        ))}
      </div>
      <p id={`${id}-note`} className="help">
        <strong className={live ? "knob-live" : ""}>
          {live ? "Live: acts on this search." : "Can be moved during a search."}
        </strong>{" "}
        Loss = cross-entropy + λ&nbsp;·&nbsp;complexity: more of it, fewer bits.
      </p>
    </section>
  );
}

/** Lambda as a number: clamped to its limits when the field is left, because a knob always has a position. */
function LambdaField() {
  const { lambda } = useKnobs();
  const setKnobs = useSettings((state) => state.setKnobs);
  const [draft, setDraft] = useState<string | null>(null);
  const typed = draft === null || draft.trim() === "" ? NaN : Number(draft);
  const commit = (): void => {
    if (Number.isFinite(typed)) setKnobs({ lambda: clamp(typed, LIMIT) });
    setDraft(null);
  };
  return (
    <input
      className="knob-number"
      type="text"
      inputMode="decimal"
      autoComplete="off"
      aria-label="Lambda as a number"
      aria-invalid={draft !== null && !Number.isFinite(typed) ? true : undefined}
      value={draft ?? asText(lambda)}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") setDraft(null);
      }}
    />
  );
}
