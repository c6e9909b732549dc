import { Button } from "react-aria-components/Button";
import type { RunConfig } from "../../core/config";
import { clearRun } from "../bridge/client";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";

/** What the settings below act on: nothing now, the next run, or another network than the charts still show. */
export function SettingsNote({ id }: { readonly id: string }) {
  const busy = useRun((state) => isBusy(state.status));
  const ran = useRun((state) => state.ran?.config);
  const config = useSettings((state) => state.config);
  const other = !busy && ran !== undefined && !sameNetwork(ran, config);
  return (
    <div className="settings-note">
      <p id={id}>{busy ? "In use. Stop the run to edit." : other ? "Charts show the last run." : "Settings of the next run"}</p>
      {other && (
        <Button className="link" onPress={clearRun}>
          Show these
        </Button>
      )}
    </div>
  );
}

const sameNetwork = (a: RunConfig, b: RunConfig): boolean =>
  a.model === b.model &&
  a.width === b.width &&
  a.data === b.data &&
  a.includeEnds === b.includeEnds &&
  a.weightBits.join() === b.weightBits.join() &&
  a.activationBits.join() === b.activationBits.join();
