import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { TextField } from "react-aria-components/TextField";

interface Props {
  readonly label: string;
  /** The address that was opened last, "" for none. */
  readonly initial: string;
  readonly isDisabled: boolean;
  readonly onOpen: (address: string) => void;
}

/** The address of something to fetch; opened with Enter or the button. */
export function AddressField({ label, initial, isDisabled, onOpen }: Props) {
  const [text, setText] = useState(initial);
  const address = text.trim();
  const open = (): void => {
    if (address !== "") onOpen(address);
  };
  return (
    <TextField className="field" type="url" value={text} onChange={setText} isDisabled={isDisabled}>
      <Label>{label}</Label>
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
