import { memo } from "react";
import type { NetworkDrawing } from "../../../core/network/rows";

/** What flows from box to box. */
export const Lines = memo(function Lines({ lines }: Pick<NetworkDrawing, "lines">) {
  return lines.map(({ id, path }) => <path key={id} className="network-line" d={path} />);
});
