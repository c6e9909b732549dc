import { bits as bitsText } from "../../format";
import { useSelection } from "../../store/selection";
import { BitSwatch } from "../BitLegend";
import type { SiteSeries } from "./site-series";

interface Props {
  readonly title: string;
  readonly site: SiteSeries;
}

/** The colours with their probabilities: now, or under the time cursor; equal ones before a search. */
export function CandidateLegend({ title, site: { candidates, at } }: Props) {
  const hovered = useSelection((state) => state.hoverTime);
  const point = at(hovered);
  const equal = 1 / candidates.length;
  const expected = point?.bits ?? candidates.reduce((sum, { bits }) => sum + bits * equal, 0);
  return (
    <div className="candidate-legend">
      <div className="candidate-head">
        <h3>{title}</h3>
        <span className="expected">
          expected bits <b>{bitsText(expected)}</b>
        </span>
      </div>
      <dl>
        {candidates.map(({ bits }, k) => (
          <div key={bits}>
            <dt>
              <BitSwatch bits={bits} />
              {bits}
            </dt>
            <dd>{(point?.probabilities[k] ?? equal).toFixed(3)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
