import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { BUILT_IN_DATA, taskOf, type DatasetInfo, type Task } from "../../core/dataset";
import { fittingModel } from "../../core/models";
import { count } from "../format";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { takeFiles } from "./take-files";
import { SelectField } from "./SelectField";

/** Which images or text: a built-in set, or files that a person gave. A network for other data makes way for one that fits. */
export function DataControls() {
  const chosen = useSettings((state) => state.config.data);
  const model = useSettings((state) => state.config.model);
  const unit = useSettings((state) => state.config.unit);
  const change = useSettings((state) => state.change);
  const data = useRun((state) => state.data);
  const busy = useRun((state) => isBusy(state.status));
  const imported = useRun((state) => state.imported);
  const dataImport = useRun((state) => state.dataImport);
  const preparing = useRun((state) => state.status.type === "preparing");
  const given = imported !== null || chosen === "imported";
  const sets: readonly { readonly id: string; readonly label: string; readonly task: Task | null }[] = [
    ...BUILT_IN_DATA,
    ...(given ? [{ id: "imported", label: imported?.name ?? "Files (none yet)", task: imported && taskOf(imported) }] : []),
  ];
  const choose = (id: string): void => {
    const task = sets.find((set) => set.id === id)?.task ?? null;
    change({ data: id, ...(task && { model: fittingModel(model, task) }) });
  };
  const isText = data?.kind === "text" && data.task === "language-model" && chosen === "imported";
  return (
    <div className="data-controls">
      <SelectField label="Data" value={chosen} values={sets} onChange={choose} />
      <FileTrigger allowsMultiple onSelect={(files) => void takeFiles([...(files ?? [])])}>
        <Button className="button" isDisabled={busy || dataImport.type === "reading"}>
          {dataImport.type === "reading" ? "Reading" : "Open files"}
        </Button>
      </FileTrigger>
      {isText && <SelectField label="Text by" value={unit} values={UNITS} onChange={(id) => change({ unit: id })} />}
      {dataImport.type === "failed" && (
        <p className="problem data-note" role="status">
          {dataImport.message}
        </p>
      )}
      <p className="help data-note">
        {data ? describe(data) : preparing ? "Opening the data." : ""} Drop MNIST or CIFAR-10 files or a text (.txt, .csv)
        anywhere: nothing leaves this machine.
      </p>
    </div>
  );
}

const UNITS = [
  { id: "character", label: "characters" },
  { id: "word", label: "words" },
] as const;

function describe(data: DatasetInfo): string {
  const { classes, trainCount, testCount } = data;
  if (data.kind === "text") {
    const answers = data.task === "language-model" ? "" : `, ${classes.length} classes`;
    const sequences = `${count(trainCount)} sequences of ${data.length}, ${count(testCount)} for testing`;
    return `Text by ${data.unit}s, ${count(data.symbols.length)} different ones${answers}; ${sequences}.`;
  }
  const shape = [data.height, data.width, data.channels].join("\u00d7");
  return `${shape}, ${classes.length} classes, ${count(trainCount)} images, ${count(testCount)} for testing.`;
}
