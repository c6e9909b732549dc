import { useRun } from "../store/run";

/** Tells assistive technology about stages and ends of a run, not about steps. Failures announce themselves in the banner. */
export function Announcer() {
  const status = useRun((state) => state.status);
  const stage = useRun((state) => state.stage);
  const policy = useRun((state) => state.policySource);
  const words: readonly string[] = [
    status.type === "paused" ? "Paused." : "",
    status.type === "running" || status.type === "deriving" ? `${stage?.label ?? "Run"} begins.` : "",
    status.type === "finished" ? (status.stopped ? "The run was stopped." : "The run is finished.") : "",
    policy.type === "derived" && status.type === "finished" ? "A policy is there." : "",
    policy.type === "opened" ? `Policy ${policy.fileName} opened.` : "",
  ];
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {words.filter(Boolean).join(" ")}
    </div>
  );
}
