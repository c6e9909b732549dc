import { useState } from "react";
import { FLOAT_BITS } from "../../core/cost";
import { LIMITS } from "../../core/config";
import type { Described } from "../../core/protocol";
import { competingSchemes, type Role } from "../../core/search";
import { useRun } from "../store/run";
import { toggledBits } from "../store/validate";

interface Props {
  readonly label: string;
  readonly role: Role;
  readonly bits: readonly number[];
  readonly onChange: (bits: readonly number[]) => void;
}

const ALL_BITS = Array.from({ length: LIMITS.bits.max }, (_, i) => i + 1);

/** Which bit-widths are candidates, each in the colour that the charts give it; 0 where single kernels can be pruned. */
export function BitChips({ label, role, bits, onChange }: Props) {
  const described = useRun((state) => state.described);
  const space = described?.space;
  const [refused, setRefused] = useState(false);
  const note = described ? whatIsSearched(described, role, bits) : null;
  const prunes = bits.includes(0) || space?.sites.some((site) => site.role === role && site.kernels > 1);
  return (
    <fieldset className="chips">
      <legend>{label}</legend>
      <div className="chip-row">
        {(prunes ? [0, ...ALL_BITS] : ALL_BITS).map((bit) => (
          <button
            key={bit}
            type="button"
            className={`chip bit-${bit}`}
            aria-pressed={bits.includes(bit)}
            aria-label={bit === 0 ? "0 bits, pruned" : `${bit} bit${bit === 1 ? "" : "s"}`}
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
      {note && <p className="help">{note}</p>}
      {refused && (
        <p className="problem" role="status">
          A search needs at least one candidate. Choose another one first.
        </p>
      )}
    </fieldset>
  );
}

/** What the method makes of the candidates where that is not just what is chosen; null where it is. */
function whatIsSearched({ space, searches }: Described, role: Role, bits: readonly number[]): string | null {
  const own = space.sites.filter((site) => site.role === role);
  const free = own.find((site) => !site.pinned);
  if (!free)
    return own[0]?.candidates[0]?.bits === FLOAT_BITS ? "Not used: these tensors stay float." : "Not used: fixed by the method.";
  if (competingSchemes(free.candidates)) {
    const [, later] = searches;
    return `${later ? `For ${later}` : "Not used"}: schemes compete ${later ? "first" : "here"}, at the bits chosen below.`;
  }
  const widths = free.candidates.map((candidate) => candidate.bits);
  const left = bits.filter((width) => !widths.includes(width));
  if (left.length > 0) return `Not searched: ${left.join(", ")}, which the quantizer does not have.`;
  if (widths.every((width) => bits.includes(width))) return null;
  return `Widths are real numbers from ${Math.min(...widths)} to ${Math.max(...widths)}, past those left out.`;
}
