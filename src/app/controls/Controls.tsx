import { lazy, Suspense, useState } from "react";
import { isBusy, useRun } from "../store/run";
import { DataControls } from "./DataControls";
import { Knobs } from "./Knobs";
import { MethodControls } from "./MethodControls";
import { MemoryNote } from "./MemoryNote";
import { NetworkControls } from "./NetworkControls";
import { SettingsNote } from "./SettingsNote";

/** A first look does not need it: it is loaded when it is opened. */
const Advanced = lazy(() => import("./Advanced"));

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
  const [wasOpened, setOpened] = useState(false);
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
      <details className="advanced" onToggle={() => setOpened(true)}>
        <summary>Advanced</summary>
        <fieldset className="restart-group" disabled={busy} aria-describedby="locked">
          <legend className="visually-hidden">Advanced settings that start a new run</legend>
          <Suspense>{wasOpened && <Advanced />}</Suspense>
        </fieldset>
      </details>
    </aside>
  );
}
