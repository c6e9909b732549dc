import { useId } from "react";

interface Props<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly values: readonly { readonly id: T; readonly label: string }[];
  /** One sentence under the field. */
  readonly help?: string | undefined;
  /** What is wrong with the choice. */
  readonly problem?: string | null;
  readonly onChange: (value: T) => void;
}

/** A menu. The browser's own: it is fast, knows every keyboard and works on a touch screen. */
export function SelectField<T extends string>({ label, value, values, help, problem, onChange }: Props<T>) {
  const id = useId();
  const known = values.some((entry) => entry.id === value);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={help || problem ? `${id}-note` : undefined}
        aria-invalid={problem ? true : undefined}
        onChange={(event) => {
          const chosen = values.find((entry) => entry.id === event.target.value);
          if (chosen) onChange(chosen.id);
        }}
      >
        {!known && <option value={value}>{value}</option>}
        {values.map((entry) => (
          <option key={entry.id} value={entry.id}>
            {entry.label}
          </option>
        ))}
      </select>
      {(problem || help) && (
        <p id={`${id}-note`} className={problem ? "problem" : "help"}>
          {problem ?? help}
        </p>
      )}
    </div>
  );
}
