import { Button } from "react-aria-components/Button";
import { restart, stop } from "../bridge/client";
import { useRun } from "../store/run";
import { Icon } from "./Icon";
import { IconButton } from "./IconButton";
import { newSeed, startOrPause, stepIfPossible, useRunActions } from "./run-actions";

/** Start, pause, step, stop, restart, new seed. */
export function RunButtons() {
  const actions = useRunActions();
  const { busy, paused, refused } = actions;
  const ran = useRun((state) => state.runs > 0);
  const idle = !busy && refused !== null;
  const label = paused ? "Resume" : busy ? "Pause" : "Start";
  return (
    <div className="run-buttons" role="group" aria-label="Run">
      <Button className="button primary" isDisabled={idle} onPress={() => startOrPause(actions)}>
        <Icon name={busy && !paused ? "pause" : "start"} />
        {label}
      </Button>
      <IconButton
        icon="step"
        label="Step"
        hint="One training step, then pause (.)"
        isDisabled={idle}
        onPress={() => stepIfPossible(actions)}
      />
      <IconButton icon="stop" label="Stop" hint="End the run; what was reached stays" isDisabled={!busy} onPress={stop} />
      <IconButton
        icon="restart"
        label="Restart"
        hint="Start again with the same seed"
        isDisabled={!ran || idle}
        onPress={() => void restart()}
      />
      <IconButton icon="seed" label="New seed" hint="Start again with another seed" isDisabled={idle} onPress={newSeed} />
    </div>
  );
}
