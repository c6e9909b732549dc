import { useState } from "react";
import { LIMITS } from "../../core/config";
import { toggledBits } from "../store/validate";

interface Props {
  readonly label: string;
  readonly bits: readonly number[];
  readonly onChange: (bits: readonly number[]) => void;
}

const ALL_BITS = Array.from({ length: LIMITS.bits.max }, (_, i) => i + LIMITS.bits.min);

/** Which bit-widths are candidates, each in the colour that the charts give it. */
export function BitChips({ label, bits, onChange }: Props) {
  const [refused, setRefused] = useState(false);
  return (
    <fieldset className="chips">
      <legend>{label}</legend>
      <div className="chip-row">
        {ALL_BITS.map((bit) => (
          <button
            key={bit}
            type="button"
            className={`chip bit-${bit}`}
            aria-pressed={bits.includes(bit)}
            aria-label={`${bit} bit${bit === 1 ? "" : "s"}`}
            onClick={() => {
              const next = toggledBits(bits, bit);
              setRefused(next === null);
              if (next) onChange(next);
            }}
          >
            {bit}
          </button>
        ))}
      </div>
      {refused && (
        <p className="problem" role="status">
          A search needs at least one candidate. Choose another one first.
        </p>
      )}
    </fieldset>
  );
}
