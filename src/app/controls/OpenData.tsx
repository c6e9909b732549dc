import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { openUrl } from "../bridge/data";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { AddressField } from "./AddressField";
import { pickedFiles, takeFiles } from "./take-files";

/** Ways to give data: files, a folder, or an address. */
export function OpenData() {
  const locked = useRun((state) => isBusy(state.status) || state.dataImport.type === "reading");
  const [asking, setAsking] = useState(false);
  const take = (files: FileList | null): void => void takeFiles(pickedFiles(files));
  return (
    <>
      <div className="open-data">
        <FileTrigger allowsMultiple onSelect={take}>
          <Button className="button" isDisabled={locked}>
            Open files
          </Button>
        </FileTrigger>
        <FileTrigger acceptDirectory onSelect={take}>
          <Button className="button" isDisabled={locked}>
            Folder
          </Button>
        </FileTrigger>
        <ToggleButton className="button" isDisabled={locked} isSelected={asking} onChange={setAsking}>
          Address
        </ToggleButton>
      </div>
      {asking && (
        <AddressField
          label="Address of a file, or of a data set on Hugging Face"
          initial={useSettings.getState().config.dataUrl}
          isDisabled={locked}
          onOpen={(url) => void openUrl(url)}
        />
      )}
    </>
  );
}
