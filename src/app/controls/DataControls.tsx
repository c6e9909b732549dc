import { BUILT_IN_DATA, taskOf, type DatasetInfo, type Task } from "../../core/dataset";
import { fittingModel } from "../../core/models";
import { count } from "../format";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { OpenData } from "./OpenData";
import { ReadingNote } from "./ReadingNote";
import { ResizeControls } from "./ResizeControls";
import { SelectField } from "./SelectField";

/** Which images, text or numbers: a built-in set, or one that a person gave. A network for other data makes way for one that fits. */
export function DataControls() {
  const chosen = useSettings((state) => state.config.data);
  const model = useSettings((state) => state.config.model);
  const unit = useSettings((state) => state.config.unit);
  const change = useSettings((state) => state.change);
  const data = useRun((state) => state.data);
  const imported = useRun((state) => state.imported);
  const dataImport = useRun((state) => state.dataImport);
  const importedFrom = useRun((state) => state.importedFrom);
  const preparing = useRun((state) => state.status.type === "preparing");
  const given = imported !== null || chosen === "imported";
  const sets: readonly { readonly id: string; readonly label: string; readonly task: Task | null }[] = [
    ...BUILT_IN_DATA,
    ...(given ? [{ id: "imported", label: imported?.name ?? "Files (none yet)", task: imported && taskOf(imported) }] : []),
  ];
  const choose = (id: string): void => {
    const task = sets.find((set) => set.id === id)?.task ?? null;
    const dataUrl = id === "imported" ? importedFrom : "";
    change({ data: id, dataUrl, ...(task && { model: fittingModel(model, task) }) });
  };
  const isText = data?.kind === "text" && data.task === "language-model" && chosen === "imported";
  return (
    <div className="data-controls">
      <SelectField label="Data" value={chosen} values={sets} onChange={choose} />
      <OpenData />
      {isText && <SelectField label="Text by" value={unit} values={UNITS} onChange={(id) => change({ unit: id })} />}
      {data?.kind === "images" && data.resizing && <ResizeControls />}
      <ReadingNote reading={dataImport} what="data" />
      <p className="help">
        {data ? describe(data) : preparing ? "Opening the data." : ""} Drop images, .npz, Parquet, CSV or text anywhere: nothing
        leaves this machine.
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
  const parts = (what: string): string => `${count(trainCount)} ${what}, ${count(testCount)} for testing`;
  switch (data.kind) {
    case "text": {
      const answers = data.task === "language-model" ? "" : `, ${classes.length} classes`;
      return `Text by ${data.unit}s, ${count(data.symbols.length)} different ones${answers}; ${parts(`sequences of ${data.length}`)}.`;
    }
    case "images": {
      const shape = [data.height, data.width, data.channels].join("\u00d7");
      return `${shape}, ${count(classes.length)} classes, ${parts("images")}.`;
    }
    case "numbers":
      return `${count(data.features.length)} numbers a row, ${count(classes.length)} classes, ${parts("rows")}.`;
  }
}
