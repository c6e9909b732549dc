import { Button } from "react-aria-components/Button";
import { Tooltip, TooltipTrigger } from "react-aria-components/Tooltip";
import { useRun } from "../store/run";

/** What computes. The tooltip says why; Advanced repeats it as text. */
export function BackendBadge() {
  const backend = useRun((state) => state.backend);
  const failed = useRun((state) => state.status.type === "failed");
  if (!backend) return <span className="badge">{failed ? "Backend unknown" : "Opening backend"}</span>;
  return (
    <TooltipTrigger delay={200}>
      <Button className="badge" aria-label={`Backend: ${backend.label}`}>
        {backend.label}
      </Button>
      <Tooltip className="tooltip" placement="bottom">
        {backend.note || "Computes the search on this machine."}
      </Tooltip>
    </TooltipTrigger>
  );
}
