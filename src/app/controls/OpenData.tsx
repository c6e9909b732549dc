import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { TextField } from "react-aria-components/TextField";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { openUrl } from "../bridge/data";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";
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
      {asking && <AddressField isDisabled={locked} />}
    </>
  );
}

/** The address of a file, or of a data set's page on Hugging Face; opened with Enter or the button. */
function AddressField({ isDisabled }: { readonly isDisabled: boolean }) {
  const [text, setText] = useState(useSettings.getState().config.dataUrl);
  const address = text.trim();
  const open = (): void => {
    if (address !== "") void openUrl(address);
  };
  return (
    <TextField className="field" type="url" value={text} onChange={setText} isDisabled={isDisabled}>
      <Label>Address of a file, or of a data set on Hugging Face</Label>
      <div className="address-row">
        <Input
          placeholder="https://"
          autoComplete="off"
          spellCheck={false}
          onKeyDown={(event) => {
            if (event.key === "Enter") open();
          }}
        />
        <Button className="button" isDisabled={isDisabled || address === ""} onPress={open}>
          Fetch
        </Button>
      </div>
    </TextField>
  );
}
