import { useState, type KeyboardEvent } from "react";
import { ComboBox } from "react-aria-components/ComboBox";
import { Input } from "react-aria-components/Input";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import type { Box } from "../../../core/network/boxes";

interface Props {
  readonly boxes: readonly Box[];
  readonly onFind: (id: string) => void;
}

/** More matches than these are no answer: the person types on. */
const MOST_MATCHES = 30;

/** Lists the operations whose name or type holds what is typed; Enter goes to the one that the arrows lead to, else to the first. */
export function NetworkFind({ boxes, onFind }: Props) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const matches = wanted === "" ? [] : matching(boxes, wanted).slice(0, MOST_MATCHES);
  const find = (id: string): void => {
    setText("");
    onFind(id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const [first] = matches;
    if (event.key !== "Enter" || !first || event.currentTarget.getAttribute("aria-activedescendant")) return;
    event.preventDefault();
    find(first.id);
  };
  return (
    <ComboBox
      aria-label="Find in the network"
      inputValue={text}
      onInputChange={setText}
      items={matches}
      selectedKey={null}
      onSelectionChange={(key) => {
        if (key !== null) find(String(key));
      }}
      allowsCustomValue
      allowsEmptyCollection={wanted !== ""}
    >
      <Input className="network-find" placeholder="Find" onKeyDown={onKeyDown} />
      <Popover className="popover network-matches" placement="bottom end">
        <ListBox className="menu" renderEmptyState={() => <p className="help">Nothing in this network is called so.</p>}>
          {({ name, type }: Match) => (
            <ListBoxItem className="menu-item" textValue={name}>
              <span className="mono">{name}</span>
              <span className="help">{type}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

interface Match {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/** A node is found by its own name, in whatever box it is. */
const matching = (boxes: readonly Box[], text: string): readonly Match[] =>
  boxes.flatMap((box) => {
    if (box.kind !== "operation") return [];
    const name = box.nodes.find((own) => own.toLowerCase().includes(text));
    const type = [box.type, ...box.then].join(", ");
    return name === undefined && !type.toLowerCase().includes(text)
      ? []
      : [{ id: box.id, name: name ?? box.nodes[0] ?? "", type }];
  });
