import { bits, compact, duration, percent } from "../format";
import { useRun, type SessionResult } from "../store/run";

const KINDS = { float: "float network", uniform: "uniform bits", policy: "searched policy" } as const;

/** Every network that was trained in this session, the newest first. */
export default function ResultsPanel() {
  const results = useRun((state) => state.results);
  if (results.length === 0) {
    return <p className="empty">Trained networks appear here. Start a search: it is followed by retraining and baselines.</p>;
  }
  const perplexities = results.some(({ result }) => result.perplexity !== null);
  return (
    <div className="table-scroll">
      <table className="table">
        <caption className="visually-hidden">Trained networks of this session</caption>
        <thead>
          <tr>
            <th scope="col">Network</th>
            <th scope="col">What</th>
            <th scope="col">Run</th>
            <th scope="col" className="number">
              BitOps, searched layers
            </th>
            <th scope="col" className="number">
              Average bits
            </th>
            <th scope="col" className="number">
              Test accuracy
            </th>
            {perplexities && (
              <th scope="col" className="number">
                Perplexity
              </th>
            )}
            <th scope="col" className="number">
              Epochs
            </th>
            <th scope="col" className="number">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {results.toReversed().map((entry, index) => (
            <ResultRow key={results.length - index} entry={entry} perplexities={perplexities} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly entry: SessionResult;
  /** Whether any network of the table has one. */
  readonly perplexities: boolean;
}

function ResultRow({ entry: { run, of, result }, perplexities }: RowProps) {
  return (
    <tr>
      <th scope="row">{result.label}</th>
      <td>{KINDS[result.kind]}</td>
      <td>
        {run}: {of}
      </td>
      <td className="number">{compact(result.totals.bitOps)}</td>
      <td className="number">{bits(result.totals.averageBits)}</td>
      <td className="number">{percent(result.accuracy)}</td>
      {perplexities && <td className="number">{result.perplexity?.toFixed(2) ?? ""}</td>}
      <td className="number">{result.epochs}</td>
      <td className="number">{duration(result.seconds)}</td>
    </tr>
  );
}
