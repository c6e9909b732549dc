import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import type { DatasetInfo } from "../../core/dataset";
import { count } from "../format";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { takeFiles } from "./take-files";
import { SelectField } from "./SelectField";

/** Which images: the built-in set, or files that a person gave. */
export function DataControls() {
  const chosen = useSettings((state) => state.config.data);
  const change = useSettings((state) => state.change);
  const data = useRun((state) => state.data);
  const busy = useRun((state) => isBusy(state.status));
  const imported = useRun((state) => state.imported);
  const dataImport = useRun((state) => state.dataImport);
  const preparing = useRun((state) => state.status.type === "preparing");
  const given = imported !== null || chosen === "imported";
  const sets = [
    { id: "glyphs", label: "Glyphs (built in)" },
    ...(given ? [{ id: "imported", label: imported?.name ?? "Files (none yet)" }] : []),
  ];
  return (
    <div className="data-controls">
      <SelectField label="Data" value={chosen} values={sets} onChange={(id) => change({ data: id })} />
      <FileTrigger allowsMultiple onSelect={(files) => void takeFiles([...(files ?? [])])}>
        <Button className="button" isDisabled={busy || dataImport.type === "reading"}>
          {dataImport.type === "reading" ? "Reading" : "Open files"}
        </Button>
      </FileTrigger>
      {dataImport.type === "failed" && (
        <p className="problem data-note" role="status">
          {dataImport.message}
        </p>
      )}
      <p className="help data-note">
        {data ? describe(data) : preparing ? "Opening the data." : ""} Drop MNIST or CIFAR-10 files anywhere: nothing leaves this
        machine.
      </p>
    </div>
  );
}

function describe(data: DatasetInfo): string {
  const { height, width, channels, classes, trainCount, testCount } = data;
  const shape = [height, width, channels].join("\u00d7");
  return `${shape}, ${classes.length} classes, ${count(trainCount)} images, ${count(testCount)} for testing.`;
}
