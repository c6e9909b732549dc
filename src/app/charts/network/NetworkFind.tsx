import { useState } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Input } from "react-aria-components/Input";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { SearchField } from "react-aria-components/SearchField";
import type { Box } from "../../../core/network/boxes";

interface Props {
  readonly boxes: readonly Box[];
  readonly onFind: (id: string) => void;
}

/** More matches than these are no answer: the person types on. */
const MOST_MATCHES = 30;

/** Lists the operations whose name or type holds what is typed; Enter goes to the first or to the one that the arrows lead to. */
export function NetworkFind({ boxes, onFind }: Props) {
  const [text, setText] = useState("");
  const matches = text.trim() === "" ? [] : matching(boxes, text.trim().toLowerCase()).slice(0, MOST_MATCHES);
  const find = (id: string): void => {
    setText("");
    onFind(id);
  };
  return (
    <div className="network-find">
      <Autocomplete inputValue={text} onInputChange={setText}>
        <SearchField aria-label="Find in the network">
          <Input placeholder="Find" />
        </SearchField>
        {text.trim() !== "" && (
          <ListBox
            className="network-matches"
            aria-label="Matches"
            items={matches}
            onAction={(key) => find(String(key))}
            renderEmptyState={() => <p className="help">Nothing in this network is called so.</p>}
          >
            {({ name, type }) => (
              <ListBoxItem className="menu-item" textValue={name}>
                <span className="mono">{name}</span>
                <span className="help">{type}</span>
              </ListBoxItem>
            )}
          </ListBox>
        )}
      </Autocomplete>
    </div>
  );
}

/** A node is found by its own name, in whatever box it is. */
const matching = (boxes: readonly Box[], text: string) =>
  boxes.flatMap((box) => {
    if (box.kind !== "operation") return [];
    const name = box.nodes.find((own) => own.toLowerCase().includes(text));
    const type = [box.type, ...box.then].join(", ");
    return name === undefined && !type.toLowerCase().includes(text)
      ? []
      : [{ id: box.id, name: name ?? box.nodes[0] ?? "", type }];
  });
