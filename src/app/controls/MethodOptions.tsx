import { useChosenMethod } from "../store/method";
import { useSettings } from "../store/settings";
import { ManyField } from "./ManyField";
import { SelectField } from "./SelectField";

/** The method's own variants, from its catalog entry. */
export function MethodOptions() {
  const method = useChosenMethod();
  const options = useSettings((state) => state.config.options);
  const change = useSettings((state) => state.change);
  if (!method || method.options.length === 0) return null;
  return (
    <>
      <h2>{method.label}</h2>
      {method.options.map((option) => {
        const Field = option.many ? ManyField : SelectField;
        return (
          <Field
            key={option.id}
            label={option.label}
            value={options[option.id] ?? option.initial}
            values={option.values}
            help={option.help}
            onChange={(value: string) => change({ options: { ...options, [option.id]: value } })}
          />
        );
      })}
    </>
  );
}
