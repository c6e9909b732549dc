import { Button } from "react-aria-components/Button";
import { clearRun } from "../bridge/client";
import { descriptionKey } from "../bridge/describe";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";

/** What the settings below act on: nothing now, the next run, or another network than the charts still show. */
export function SettingsNote({ id }: { readonly id: string }) {
  const busy = useRun((state) => isBusy(state.status));
  const ran = useRun((state) => state.ran?.config);
  const config = useSettings((state) => state.config);
  const other = !busy && ran !== undefined && descriptionKey(ran) !== descriptionKey(config);
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
