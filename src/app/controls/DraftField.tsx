import { useId, useState } from "react";
import { readNumber, type Limits, type ReadNumber } from "../store/validate";

interface Props {
  readonly label: string;
  /** The value as the field shows it while nobody types. */
  readonly text: string;
  readonly read: (text: string) => ReadNumber;
  readonly onChange: (value: number) => void;
}

/** A knob's number: taken when the field is left or Enter is pressed; what cannot be used stays with a sentence. */
export function DraftField({ label, text, read, onChange }: Props) {
  const id = useId();
  /** What is being typed; null shows the value. */
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const leave = (): void => {
    setDraft(null);
    setProblem(null);
  };
  const commit = (): void => {
    if (draft === null) return;
    const typed = read(draft);
    if (!typed.ok) return setProblem(typed.message);
    leave();
    onChange(typed.value);
  };
  return (
    <>
      <input
        className="knob-number"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        aria-label={label}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? id : undefined}
        value={draft ?? text}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape") leave();
        }}
      />
      {problem && (
        <p id={id} className="problem" role="status">
          {problem}
        </p>
      )}
    </>
  );
}

/** Reads a number that must lie inside limits. */
export const within =
  (limits: Limits) =>
  (text: string): ReadNumber =>
    readNumber(text, limits, false);
