import { Button } from "react-aria-components/Button";
import { Tooltip, TooltipTrigger } from "react-aria-components/Tooltip";
import { Icon, type IconName } from "./Icon";

interface Props {
  readonly icon: IconName;
  readonly label: string;
  /** What it does, and its key. */
  readonly hint: string;
  readonly isDisabled?: boolean;
  readonly onPress: () => void;
}

/** A button that shows only an icon: its name is for assistive technology and tests, its tooltip for everyone. */
export function IconButton({ icon, label, hint, isDisabled = false, onPress }: Props) {
  return (
    <TooltipTrigger delay={400}>
      <Button className="button icon-button" aria-label={label} isDisabled={isDisabled} onPress={onPress}>
        <Icon name={icon} />
      </Button>
      <Tooltip className="tooltip" placement="bottom">
        {hint}
      </Tooltip>
    </TooltipTrigger>
  );
}
