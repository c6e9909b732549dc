import { useRun } from "../store/run";
import { useChosenMethod } from "../store/method";
import { useSettings } from "../store/settings";
import { SelectField } from "./SelectField";

/** Search method. The worker's catalog says which there are. */
export function MethodControls() {
  const catalog = useRun((state) => state.catalog);
  const method = useChosenMethod();
  const chosen = useSettings((state) => state.config.method);
  const chooseMethod = useSettings((state) => state.chooseMethod);
  const methods = catalog?.methods ?? [];
  return (
    <SelectField
      label="Method"
      value={chosen}
      values={methods}
      help={method?.summary ?? (catalog ? undefined : "Opening the methods.")}
      problem={catalog && !method ? `There is no method "${chosen}": choose one of the list.` : null}
      onChange={(id) => {
        const next = methods.find((known) => known.id === id);
        if (next) chooseMethod(next);
      }}
    />
  );
}
