interface Props {
  readonly label: string;
  /** Ids of the chosen values, with commas between. */
  readonly value: string;
  readonly values: readonly { readonly id: string; readonly label: string }[];
  readonly help: string;
  readonly onChange: (value: string) => void;
}

/** A list of which many can be chosen. The last one stays: a search needs something to choose from. */
export function ManyField({ label, value, values, help, onChange }: Props) {
  const chosen = new Set(value.split(","));
  const count = values.filter(({ id }) => chosen.has(id)).length;
  return (
    <fieldset className="field many">
      <legend>{label}</legend>
      {values.map(({ id, label: name }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={chosen.has(id)}
            disabled={count === 1 && chosen.has(id)}
            onChange={({ target }) =>
              onChange(
                values
                  .filter((entry) => (entry.id === id ? target.checked : chosen.has(entry.id)))
                  .map((entry) => entry.id)
                  .join(","),
              )
            }
          />
          <span>{name}</span>
        </label>
      ))}
      <p className="help">{help}</p>
    </fieldset>
  );
}
