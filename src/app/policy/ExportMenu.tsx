import { Button } from "react-aria-components/Button";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { EXPORTERS, type ExportContext } from "../../formats/write";
import { Icon } from "../controls/Icon";
import { shownDescription, useHistory, useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { download } from "./download";

interface Props {
  readonly isOpen: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Every exporter there is; those that have nothing to write yet are greyed. */
export default function ExportMenu({ isOpen, onOpenChange }: Props) {
  const { history } = useHistory();
  const space = useRun((state) => shownDescription(state)?.space ?? null);
  const ran = useRun((state) => state.ran?.config);
  const config = useSettings((state) => state.config);
  const context: ExportContext | null = space && { config: ran ?? config, space, policy: history.policy, history };
  const isAvailable = (id: string): boolean => {
    const exporter = EXPORTERS.find((known) => known.id === id);
    return context !== null && exporter !== undefined && exporter.available(context);
  };
  return (
    <MenuTrigger isOpen={isOpen} onOpenChange={onOpenChange}>
      <Button className="button">
        Export
        <Icon name="menu" />
      </Button>
      <Popover className="popover" placement="top end">
        <Menu
          className="menu"
          aria-label="Export"
          disabledKeys={EXPORTERS.filter(({ id }) => !isAvailable(id)).map(({ id }) => id)}
          onAction={(key) => {
            const exporter = EXPORTERS.find(({ id }) => id === key);
            if (exporter && context) download(exporter.fileName(context), exporter.write(context), exporter.mediaType);
          }}
        >
          {EXPORTERS.map(({ id, label }) => (
            <MenuItem key={id} id={id} className="menu-item" textValue={label}>
              {label}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
