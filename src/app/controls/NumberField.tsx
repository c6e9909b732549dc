import { useId, useState } from "react";
import { asText, readNumber, type Limits } from "../store/validate";

interface Props {
  readonly label: string;
  readonly value: number;
  readonly limits: Limits;
  readonly whole?: boolean;
  readonly help?: string;
  readonly onChange: (value: number) => void;
}

/** A number. What cannot be used stays in the field with a sentence, and the setting keeps its last good value. */
export function NumberField({ label, value, limits, whole = false, help, onChange }: Props) {
  const id = useId();
  /** What is being typed; null shows the setting. */
  const [draft, setDraft] = useState<string | null>(null);
  const read = draft === null ? null : readNumber(draft, limits, whole);
  const problem = read && !read.ok ? read.message : null;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode={whole ? "numeric" : "decimal"}
        autoComplete="off"
        spellCheck={false}
        value={draft ?? asText(value)}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem || help ? `${id}-note` : undefined}
        onChange={(event) => {
          setDraft(event.target.value);
          const typed = readNumber(event.target.value, limits, whole);
          if (typed.ok) onChange(typed.value);
        }}
        onBlur={() => {
          if (!problem) setDraft(null);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") setDraft(null);
        }}
      />
      {(problem || help) && (
        <p id={`${id}-note`} className={problem ? "problem" : "help"}>
          {problem ? `${problem} Still ${asText(value)}.` : help}
        </p>
      )}
    </div>
  );
}
