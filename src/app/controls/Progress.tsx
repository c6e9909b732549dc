import { duration } from "../format";
import { useHistory, useRun, type RunStatus } from "../store/run";

/** Stage, steps, speed and time left, in places that do not move. */
export function Progress() {
  const { history } = useHistory();
  const status = useRun((state) => state.status);
  const stage = useRun((state) => state.stage);
  const last = history.points.at(-1);
  const current = last && last.stage === history.stages.length - 1 ? last.snapshot : null;
  const waiting = status.type === "preparing" || status.type === "ready";
  const steps = waiting ? 0 : (stage?.steps ?? 0);
  const done = waiting ? 0 : (current?.step ?? 0);
  return (
    <div className="progress">
      <span className="progress-stage">{stageText(status, stage?.label)}</span>
      <progress aria-label="Progress of the stage" max={Math.max(1, steps)} value={Math.min(done, Math.max(1, steps))} />
      <span className="progress-steps" title="Steps of this stage">
        {steps > 0 ? `${done} / ${steps}` : ""}
      </span>
      <span className="progress-speed">{current && isMoving(status) ? `${current.speed.toFixed(1)} steps/s` : ""}</span>
      <span className="progress-left">{current && isMoving(status) ? `${duration(current.secondsLeft)} left` : ""}</span>
    </div>
  );
}

const isMoving = (status: RunStatus): boolean => status.type === "running" || status.type === "deriving";

function stageText(status: RunStatus, stage: string | undefined): string {
  switch (status.type) {
    case "preparing":
      return "Preparing";
    case "ready":
      return "Ready";
    case "running":
      return stage ?? "Starting";
    case "deriving":
      return stage ?? "Derive";
    case "paused":
      return `${stage ?? "Search"}, paused`;
    case "finished":
      return status.stopped ? "Stopped" : "Finished";
    case "failed":
      return "Failed";
  }
}
