import type { ReactElement } from "react";
import { hasSchemes, meanBits, ROLES, type Role, type SearchSpace } from "../../../core/search";
import { bits as bitsText, count, percent } from "../../format";
import { useSelection } from "../../store/selection";
import { schemeLook, useSchemes } from "../candidate-looks";
import { SpaceLegend } from "../BitLegend";
import { pointAt } from "../time-axis";
import { useLiveHistory } from "../use-live-history";
import { favourites, loomModel, rowsAt, type Favourite } from "./model";

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
  const schemes = useSchemes();
  const { points } = loomModel(history, space);
  const row = rowsAt(points, space, history, time).find((entry) => entry.layer.name === layer);
  if (!row?.bits || row.share === null) return scale;
  const state = pointAt(points, time)?.snapshot.relaxed;
  if (hasSchemes(space) && state) {
    const [weight, activation] = ROLES.map(
      (role) => favourites(space, state.probabilities)[siteIndex(space, row.layer.name, role)],
    );
    const text = (favourite: Favourite | undefined): string =>
      favourite ? `${schemeLook(favourite.scheme, schemes).name} ${percent(favourite.probability)}` : "";
    return (
      <span className="readout">
        <b>{row.layer.name}</b>
        {`  step ${count(pointAt(points, time)?.time ?? 0)}  w ${text(weight)}  a ${text(activation)}`}
      </span>
    );
  }
  return (
    <span className="readout">
      <b>{row.layer.name}</b>
      {`  step ${count(pointAt(points, time)?.time ?? 0)}  w ${bitsText(meanBits(row.bits.weight))}  a ${bitsText(meanBits(row.bits.activation))}  ${percent(row.share)} of BitOps`}
    </span>
  );
}

const siteIndex = ({ sites }: SearchSpace, layer: string, role: Role): number =>
  sites.findIndex((site) => site.layer.name === layer && site.role === role);

const Scale = ({ space }: { readonly space: SearchSpace }) => (
  <>
    <span className="loom-halves">upper half weights, lower half activations</span>
    <SpaceLegend space={space} />
  </>
);
