import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { LIMITS, withStart } from "../../core/config";
import { taskOf } from "../../core/dataset";
import { IMPORTED } from "../../core/imported";
import { MODELS, modelsFor } from "../../core/models";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { AddressField } from "./AddressField";
import { ImportedNetwork } from "./ImportedNetwork";
import { NumberField } from "./NumberField";
import { ReadingNote } from "./ReadingNote";
import { SelectField } from "./SelectField";
import { pickedFiles, takeAddress, takeNetwork } from "./take-files";

/** Network and its width, or a network from a file. The menu offers what the data can train, and what is chosen. */
export function NetworkControls() {
  const model = useSettings((state) => state.config.model);
  const width = useSettings((state) => state.config.width);
  const data = useRun((state) => state.data);
  const network = useRun((state) => state.network);
  const reading = useRun((state) => state.networkImport);
  const [asking, setAsking] = useState(false);
  const fitting = data ? modelsFor(taskOf(data)) : MODELS;
  const networks = MODELS.filter((known) => known.id === model || fitting.includes(known));
  const file = { id: IMPORTED, label: network?.name ?? "File (none yet)" };
  const change = useSettings((state) => state.change);
  const locked = reading.type === "reading";
  return (
    <div className="network-controls">
      <div className={model === IMPORTED ? "field-row wide" : "field-row"}>
        <SelectField
          label="Network"
          value={model}
          values={network || model === IMPORTED ? [...networks, file] : networks}
          onChange={(id) => change(withStart(useSettings.getState().config, { model: id }))}
        />
        {model !== IMPORTED && (
          <NumberField label="Width" value={width} limits={LIMITS.width} whole onChange={(value) => change({ width: value })} />
        )}
      </div>
      <div className="network-open">
        <FileTrigger allowsMultiple onSelect={(files) => void takeNetwork(pickedFiles(files))}>
          <Button className="link" aria-label="File of a network (ONNX, Keras, TensorFlow.js)" isDisabled={locked}>
            File
          </Button>
        </FileTrigger>
        <ToggleButton
          className="link"
          aria-label="Address of a network"
          isDisabled={locked}
          isSelected={asking}
          onChange={setAsking}
        >
          Address
        </ToggleButton>
      </div>
      {asking && (
        <AddressField
          label="Address of a network (.onnx, .keras, model.json)"
          initial={useSettings.getState().config.modelUrl}
          isDisabled={locked}
          onOpen={takeAddress}
        />
      )}
      <ReadingNote reading={reading} what="the network" />
      <ImportedNetwork />
    </div>
  );
}
