import { memo } from "react";
import type { NetworkLayout } from "../../../core/network/layout";

/** What flows from box to box. Lines from weights are thinner: they carry no data. */
export const Lines = memo(function Lines({ lines }: Pick<NetworkLayout, "lines">) {
  return lines.map(({ id, path }) => <path key={id} className="network-line" d={path} />);
});
