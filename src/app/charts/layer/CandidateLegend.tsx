import { competingSchemes } from "../../../core/search";
import { bits as bitsText } from "../../format";
import { useSelection } from "../../store/selection";
import { candidateLooks, useSchemes } from "../candidate-looks";
import { Swatch } from "../BitLegend";
import type { SiteSeries } from "./site-series";

interface Props {
  readonly title: string;
  readonly site: SiteSeries;
}

/** The colours with their probabilities: now, or under the time cursor; equal ones before a search. */
export function CandidateLegend({ title, site: { candidates, at } }: Props) {
  const hovered = useSelection((state) => state.hoverTime);
  const looks = candidateLooks(candidates, useSchemes());
  const point = at(hovered);
  const equal = 1 / candidates.length;
  const shares = candidates.map((_, k) => point?.probabilities[k] ?? equal);
  const first = looks[shares.indexOf(Math.max(...shares))];
  const expected = point?.bits ?? candidates.reduce((sum, { bits }) => sum + bits * equal, 0);
  return (
    <div className="candidate-legend">
      <div className="candidate-head">
        <h3>{title}</h3>
        <span className="expected">
          {competingSchemes(candidates) && point ? (
            <>
              most probable <b>{first?.name.replace(/ \(.*/, "")}</b>
            </>
          ) : (
            <>
              expected bits <b>{bitsText(expected)}</b>
            </>
          )}
        </span>
      </div>
      <dl>
        {looks.map((look, k) => (
          <div key={look.key} title={look.name}>
            <dt>
              <Swatch look={look} />
              {look.short}
            </dt>
            <dd>{(shares[k] as number).toFixed(looks.length > MANY ? 2 : 3)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** From so many candidates on there is room for two decimals only. */
const MANY = 5;
