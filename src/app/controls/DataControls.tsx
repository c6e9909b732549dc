import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import type { DatasetInfo } from "../../core/dataset";
import { compact } from "../format";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { takeFiles } from "./take-files";
import { SelectField } from "./SelectField";

/** Which images: the built-in set, or files that a person gave. */
export function DataControls() {
  const chosen = useSettings((state) => state.config.data);
  const change = useSettings((state) => state.change);
  const data = useRun((state) => state.data);
  const imported = useRun((state) => state.imported);
  const dataImport = useRun((state) => state.dataImport);
  const sets = [{ id: "glyphs", label: "Glyphs (built in)" }, ...(imported ? [{ id: "imported", label: imported.name }] : [])];
  return (
    <div className="data-controls">
      <SelectField
        label="Data"
        value={chosen}
        values={sets}
        help={data ? describe(data) : "Opening the data."}
        problem={dataImport.type === "failed" ? dataImport.message : null}
        onChange={(id) => change({ data: id })}
      />
      <FileTrigger allowsMultiple onSelect={(files) => void takeFiles([...(files ?? [])])}>
        <Button className="button" isDisabled={dataImport.type === "reading"}>
          {dataImport.type === "reading" ? "Reading files" : "Open files"}
        </Button>
      </FileTrigger>
      <p className="help">MNIST (IDX) or CIFAR-10 files, or drop them anywhere. Nothing leaves this machine.</p>
    </div>
  );
}

function describe(data: DatasetInfo): string {
  const { height, width, channels, classes, trainCount, testCount } = data;
  return `${height}x${width}x${channels}, ${classes.length} classes, ${compact(trainCount)} + ${compact(testCount)} test`;
}
