import type { Bits } from "../../../core/search";
import { bits as bitsText, decidedBits, kernelRange, NO_NUMBER } from "../../format";
import { useSelection } from "../../store/selection";
import type { Kernels } from "./kernels";
import type { SiteSeries } from "./site-series";

interface Props {
  readonly title: string;
  readonly site: SiteSeries;
  /** Null for a tensor with one width. */
  readonly kernels: Kernels | null;
  /** Of the policy, null before there is one. */
  readonly decided: Bits | null;
}

/** A real-valued width: now or under the time cursor, what its kernels have, and what the policy made of it. */
export function WidthLegend({ title, site, kernels, decided }: Props) {
  const hovered = useSelection((state) => state.hoverTime);
  const point = site.at(hovered);
  const range = kernels && kernels.bits.length > 0 ? kernelRange(kernels.bits)?.range : null;
  return (
    <div className="candidate-legend">
      <div className="candidate-head">
        <h3>
          {title}
          {range && `: ${range} ${range === "1" ? "bit" : "bits"}`}
        </h3>
        <span className="expected">
          {(point || decided === null) && (
            <>
              {kernels ? "mean" : "width"} <b>{point ? bitsText(point.bits) : NO_NUMBER}</b>
            </>
          )}
          {decided !== null && (
            <>
              {" "}
              decided <b>{decidedBits(decided)}</b>
            </>
          )}
        </span>
      </div>
    </div>
  );
}
