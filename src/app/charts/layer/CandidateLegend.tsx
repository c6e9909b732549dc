import { bits as bitsText } from "../../format";
import { useSelection } from "../../store/selection";
import { BitSwatch } from "../BitLegend";
import { expectedBits, type SiteSeries } from "./site-series";

interface Props {
  readonly title: string;
  readonly site: SiteSeries;
}

/** The colours with their probabilities: now, or under the time cursor. */
export function CandidateLegend({ title, site }: Props) {
  const hovered = useSelection((state) => state.hoverTime);
  const point = site.at(hovered);
  return (
    <div className="candidate-legend">
      <div className="candidate-head">
        <h3>{title}</h3>
        <span className="expected">
          expected bits <b>{bitsText(expectedBits(site.candidates, point))}</b>
        </span>
      </div>
      <dl>
        {site.candidates.map(({ bits }, k) => (
          <div key={bits}>
            <dt>
              <BitSwatch bits={bits} />
              {bits}
            </dt>
            <dd>{(point.probabilities[k] ?? 0).toFixed(3)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
