import { memo, useMemo, useRef } from "react";
import { layerBitOps } from "../../../core/cost";
import type { History } from "../../../core/history";
import type { SearchSpace } from "../../../core/search";
import { bits as bitsText, compact, percent } from "../../format";
import { useSelection } from "../../store/selection";
import { useSpace } from "../../store/settings";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { useSize } from "../frame/use-size";
import { useLiveHistory, type LiveHistory } from "../use-live-history";
import { BitColumns, LEAST_HEIGHT, type Column } from "./BitColumns";

/** The policy's bits of each searched layer, against what the layer costs. */
export function BitsByLayer() {
  const space = useSpace();
  const live = useLiveHistory();
  return <BitsFigure space={space} live={live} />;
}

interface Props {
  readonly live: LiveHistory;
  readonly space: SearchSpace | null;
}

const BitsFigure = memo(function BitsFigure({ space, live }: Props) {
  const columns = useMemo(() => (space ? decidedColumns(space, live.history) : []), [space, live]);
  return (
    <ChartFrame
      title="Policy: bits and cost by layer"
      note={<ColumnReadout columns={columns} />}
      fileName="bitloom-bits-by-layer"
      table={() => ({
        columns: ["layer", "weight bits", "activation bits", "MACs", "share of MACs", "share of BitOps"],
        rows: columns.map(({ layer, bits, macShare, share }) => [
          layer.name,
          bits.weight,
          bits.activation,
          layer.macs,
          macShare,
          share,
        ]),
      })}
      explanation={<BitsExplanation />}
    >
      {columns.length > 0 ? (
        <ColumnPlot columns={columns} />
      ) : (
        <ChartEmpty>
          Press Derive: the bits that the policy gives each layer appear here beside the layer&rsquo;s cost.
        </ChartEmpty>
      )}
    </ChartFrame>
  );
});

function decidedColumns(space: SearchSpace, { policy }: History): readonly Column[] {
  const layers = new Map(policy?.layers.map((layer) => [layer.name, layer]));
  const decided = space.searched.flatMap((layer) => {
    const own = layers.get(layer.name);
    return own ? [{ layer, bits: { weight: own.weight.bits, activation: own.activation.bits } }] : [];
  });
  const bitOps = decided.reduce((sum, { layer, bits }) => sum + layerBitOps(layer, bits), 0);
  const macs = decided.reduce((sum, { layer }) => sum + layer.macs, 0);
  return decided.map(({ layer, bits }) => ({
    layer,
    bits,
    share: layerBitOps(layer, bits) / bitOps,
    macShare: layer.macs / macs,
  }));
}

function ColumnReadout({ columns }: { readonly columns: readonly Column[] }) {
  const selected = useSelection((state) => state.layer);
  const column = columns.find(({ layer }) => layer.name === selected);
  if (!column) return <>left bar: weights, right bar: activations; below: share of BitOps</>;
  const { layer, bits, share, macShare } = column;
  return (
    <span className="readout">
      <b>{layer.name}</b> w&nbsp;{bitsText(bits.weight, 0)} a&nbsp;{bitsText(bits.activation, 0)} {compact(layer.macs, "MACs")} (
      {percent(macShare)}), {percent(share)} of BitOps
    </span>
  );
}

function ColumnPlot({ columns }: { readonly columns: readonly Column[] }) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  return (
    <div className="bits-by-layer" ref={element}>
      {size && size.width > 0 && size.height > LEAST_HEIGHT && <BitColumns columns={columns} size={size} />}
    </div>
  );
}

const BitsExplanation = () => (
  <>
    <p>
      Up: the bits that the policy gives a layer&rsquo;s weights (left bar) and input activations (right bar). Down: the
      layer&rsquo;s share of the searched layers&rsquo; BitOps under this policy; the line marks its share of the MACs, which is
      what it would have with equal bits everywhere. A bar that ends before its line got fewer bits than the average.
    </p>
    <p>A search that saves well takes bits where layers cost much. EdMIPS, CVPR 2020: figure 6.</p>
  </>
);
