import type { RefObject } from "react";
import { Menu, MenuItem } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";

export interface ChartAction {
  readonly label: string;
  readonly act: () => void;
}

interface Props {
  readonly label: string;
  readonly trigger: RefObject<HTMLButtonElement | null>;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly actions: readonly ChartAction[];
}

/** What a chart's menu opens. A module of its own: the menu's library is loaded when somebody asks. */
export default function ChartMenuItems({ label, trigger, isOpen, onOpenChange, actions }: Props) {
  return (
    <Popover className="popover" placement="bottom end" triggerRef={trigger} {...{ isOpen, onOpenChange }}>
      <Menu className="menu" aria-label={label} autoFocus="first" onClose={() => onOpenChange(false)}>
        {actions.map((action) => (
          <MenuItem key={action.label} className="menu-item" onAction={action.act}>
            {action.label}
          </MenuItem>
        ))}
      </Menu>
    </Popover>
  );
}
