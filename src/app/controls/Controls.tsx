import { isBusy, useRun } from "../store/run";
import { Advanced } from "./Advanced";
import { DataControls } from "./DataControls";
import { Knobs } from "./Knobs";
import { MethodControls } from "./MethodControls";
import { MemoryNote } from "./MemoryNote";
import { NetworkControls } from "./NetworkControls";
import { SettingsNote } from "./SettingsNote";

/** Why the worker cannot search what is set. */
function SettingsProblem() {
  const problem = useRun((state) => state.problem);
  return (
    problem && (
      <p className="problem" role="status">
        {problem}
      </p>
    )
  );
}

/** The left column: what a run is made of, and the knobs that act on it. */
export function Controls() {
  const busy = useRun((state) => isBusy(state.status));
  return (
    <aside className="controls" aria-label="Settings">
      <SettingsNote id="locked" />
      <fieldset className="restart-group" disabled={busy} aria-describedby="locked">
        <legend className="visually-hidden">Settings that start a new run</legend>
        <NetworkControls />
        <MemoryNote />
        <DataControls />
        <MethodControls />
        <SettingsProblem />
      </fieldset>
      <Knobs />
      <details className="advanced">
        <summary>Advanced</summary>
        <fieldset className="restart-group" disabled={busy} aria-describedby="locked">
          <legend className="visually-hidden">Advanced settings that start a new run</legend>
          <Advanced />
        </fieldset>
      </details>
    </aside>
  );
}
