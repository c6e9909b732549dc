import { Icon } from "../controls/Icon";
import { useRun } from "../store/run";

/** What happened, the newest first. */
export default function LogPanel() {
  const log = useRun((state) => state.log);
  if (log.length === 0) return <p className="empty">Stages, results and remarks of the run appear here. Start a search.</p>;
  return (
    <ol className="log" reversed>
      {log.toReversed().map((entry, index) => (
        <li key={log.length - index} className={`log-${entry.kind}`}>
          <time dateTime={entry.at.toISOString()}>{entry.at.toLocaleTimeString(undefined, { hour12: false })}</time>
          <span>
            {entry.kind === "failure" && <Icon name="warning" />}
            {entry.text}
          </span>
        </li>
      ))}
    </ol>
  );
}
