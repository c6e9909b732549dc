import type { ReactElement } from "react";
import { meanBits, type SearchSpace } from "../../../core/search";
import { bits as bitsText, count, percent } from "../../format";
import { useSelection } from "../../store/selection";
import { BitLegend } from "../BitLegend";
import { pointAt } from "../time-axis";
import { useLiveHistory } from "../use-live-history";
import { loomModel, rowsAt } from "./model";

interface Props {
  readonly space: SearchSpace;
  /** Name of the layer under the pointer. */
  readonly pointed: string | null;
}

/** Exact values of the pointed (else the selected) layer under the time cursor; the scale while nothing is pointed at. */
export function LoomReadout({ space, pointed }: Props) {
  const time = useSelection((state) => state.hoverTime);
  const selected = useSelection((state) => state.layer);
  const scale = <Scale space={space} />;
  return time === null ? scale : <Values {...{ space, time, scale }} layer={pointed ?? selected} />;
}

interface ValuesProps {
  readonly space: SearchSpace;
  readonly layer: string | null;
  readonly time: number;
  /** Shown where there are no values. */
  readonly scale: ReactElement;
}

function Values({ space, layer, time, scale }: ValuesProps) {
  const { history } = useLiveHistory("loom");
  const { points } = loomModel(history, space);
  const row = rowsAt(points, space, history, time).find((entry) => entry.layer.name === layer);
  if (!row?.bits || row.share === null) return scale;
  return (
    <span className="readout">
      <b>{row.layer.name}</b>
      {`  step ${count(pointAt(points, time)?.time ?? 0)}  w ${bitsText(meanBits(row.bits.weight))}  a ${bitsText(meanBits(row.bits.activation))}  ${percent(row.share)} of BitOps`}
    </span>
  );
}

function Scale({ space }: { readonly space: SearchSpace }) {
  const candidates = new Set(space.sites.flatMap((site) => site.candidates.map(({ bits }) => bits)));
  return (
    <>
      <span className="loom-halves">upper half weights, lower half activations</span>
      <BitLegend bits={[...candidates].sort((a, b) => a - b)} />
    </>
  );
}
