import { memo, useMemo, useRef } from "react";
import { layerBitOps } from "../../../core/cost";
import { isMoving, searchPoints, type History } from "../../../core/history";
import type { Policy } from "../../../core/policy";
import { meanBits, type SearchSpace } from "../../../core/search";
import { decidedBits, percent } from "../../format";
import { useRun, useSpace } from "../../store/run";
import { useSelection } from "../../store/selection";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { useSize } from "../frame/use-size";
import { BitColumns, LEAST_HEIGHT, type Column } from "./BitColumns";

/** The policy's bits of each searched layer, against what the layer costs; the bits now while a search moves on from the policy. */
export function BitsByLayer() {
  const space = useSpace();
  const history = useRun((state) => state.history);
  const isNow = useRun((state) => isMoving(state.history));
  const latest = useRun(({ history: known }) => (isMoving(known) ? known.points.at(-1) : known.policy));
  const columns = useMemo(
    () => (space ? (isNow ? columnsNow(space, history) : decidedColumns(space, history.policy)) : []),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the history changes in place; what is latest in it says when.
    [space, history, isNow, latest],
  );
  return <BitsFigure {...{ columns, isNow }} />;
}

interface FigureProps {
  readonly columns: readonly Column[];
  readonly isNow: boolean;
}

const BitsFigure = memo(function BitsFigure({ columns, isNow }: FigureProps) {
  return (
    <ChartFrame
      title={isNow ? "Bits by layer now" : "Policy by layer"}
      note={<ColumnReadout columns={columns} />}
      fileName="bitloom-bits-by-layer"
      table={() => ({
        columns: ["layer", "mean weight bits", "mean activation bits", "MACs", "share of MACs", "share of BitOps"],
        rows: columns.map(({ layer, bits, macShare, share }) => [
          layer.name,
          meanBits(bits.weight),
          meanBits(bits.activation),
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

function decidedColumns(space: SearchSpace, policy: Policy | null): readonly Column[] {
  const layers = new Map(policy?.layers.map((layer) => [layer.name, layer]));
  return columnsOf(
    space.searched.flatMap((layer) => {
      const own = layers.get(layer.name);
      return own ? [{ layer, bits: { weight: own.weight.bits, activation: own.activation.bits } }] : [];
    }),
  );
}

function columnsNow({ searched }: SearchSpace, history: History): readonly Column[] {
  const bits = searchPoints(history).at(-1)?.snapshot.relaxed?.bits;
  return columnsOf(
    searched.flatMap((layer, i) => {
      const [weight, activation] = [bits?.[2 * i], bits?.[2 * i + 1]];
      return weight === undefined || activation === undefined ? [] : [{ layer, bits: { weight, activation } }];
    }),
  );
}

function columnsOf(decided: readonly Pick<Column, "layer" | "bits">[]): readonly Column[] {
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
  if (!column) return <>bits up, BitOps down</>;
  const { bits, share } = column;
  return (
    <span className="readout">
      w&nbsp;<b>{decidedBits(bits.weight)}</b> a&nbsp;<b>{decidedBits(bits.activation)}</b> <b>{percent(share, 0)}</b> of BitOps
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
      what it would have with equal bits everywhere. A bar that ends before its line got fewer bits than the average. Where
      kernels have widths of their own, the bars of bits are their means.
    </p>
    <p>A search that saves well takes bits where layers cost much. EdMIPS, CVPR 2020: figure 6.</p>
  </>
);
