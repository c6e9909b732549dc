import { IMPORTED } from "../../core/imported";
import { Button } from "react-aria-components/Button";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { EXPORTERS, NETWORK_EXPORTERS, type ExportContext } from "../../formats/write";
import { networkFile } from "../bridge/export-network";
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
  const shown = ran ?? config;
  /** Weights are there once something was trained, or imported. */
  const hasWeights = history.points.length > 0 || shown.model === IMPORTED;
  const disabled = [
    ...EXPORTERS.filter(({ available }) => context === null || !available(context)),
    ...NETWORK_EXPORTERS.filter(() => !hasWeights),
  ];
  const save = async (id: unknown): Promise<void> => {
    const exporter = EXPORTERS.find((known) => known.id === id);
    if (exporter && context) download(exporter.fileName(context), exporter.write(context), exporter.mediaType);
    const ofWeights = NETWORK_EXPORTERS.find((known) => known.id === id);
    const bytes = ofWeights ? await networkFile(ofWeights) : null;
    if (ofWeights && bytes) download(ofWeights.fileName(shown), bytes, ofWeights.mediaType);
  };
  return (
    <MenuTrigger isOpen={isOpen} onOpenChange={onOpenChange}>
      <Button className="button">
        Export
        <Icon name="menu" />
      </Button>
      <Popover className="popover" placement="top end">
        <Menu className="menu" aria-label="Export" disabledKeys={disabled.map(({ id }) => id)} onAction={(key) => void save(key)}>
          {[...EXPORTERS, ...NETWORK_EXPORTERS].map(({ id, label }) => (
            <MenuItem key={id} id={id} className="menu-item" textValue={label}>
              {label}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
