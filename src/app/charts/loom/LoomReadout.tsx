import type { SearchSpace } from "../../../core/search";
import { bits as bitsText, count, percent } from "../../format";
import { useSelection } from "../../store/selection";
import { BitLegend } from "../BitLegend";
import { pointAt } from "../time-axis";
import { rowsAt, type LoomModel } from "./model";

interface Props {
  readonly model: LoomModel;
  readonly space: SearchSpace;
  /** Name of the layer under the pointer. */
  readonly pointed: string | null;
}

/** Exact values of the pointed (else the selected) layer under the time cursor; the scale while nothing is pointed at. */
export function LoomReadout({ model, space, pointed }: Props) {
  const time = useSelection((state) => state.hoverTime);
  const selected = useSelection((state) => state.layer);
  const layer = pointed ?? selected;
  const candidates = [...new Set(space.sites.flatMap(({ candidates }) => candidates.map(({ bits }) => bits)))].sort(
    (a, b) => a - b,
  );
  const point = time === null ? null : pointAt(model.points, time);
  const row = point && rowsAt(model.points, space, model.history, time).find((entry) => entry.layer.name === layer);
  if (!row?.bits || row.share === null) {
    return (
      <>
        <span className="loom-halves">upper half weights, lower half activations</span>
        <BitLegend bits={candidates} />
      </>
    );
  }
  return (
    <span className="readout">
      <b>{row.layer.name}</b>
      {`  step ${count(point?.time ?? 0)}  w ${bitsText(row.bits.weight)}  a ${bitsText(row.bits.activation)}  ${percent(row.share)} of BitOps`}
    </span>
  );
}
