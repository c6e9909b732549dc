import { memo, useMemo, useRef } from "react";
import { layerBitOps, type LayerBits } from "../../../core/cost";
import type { History } from "../../../core/history";
import type { Layer } from "../../../core/layers";
import type { SearchSpace } from "../../../core/search";
import { bits as bitsText, compact, percent } from "../../format";
import { useSelection } from "../../store/selection";
import { useSpace } from "../../store/settings";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { useSize, type Size } from "../frame/use-size";
import { shortened } from "../loom/layout";
import { bitColor } from "../theme";
import { useLiveHistory, type LiveHistory } from "../use-live-history";

interface Column {
  readonly layer: Layer;
  readonly bits: LayerBits;
  /** Share of the searched layers' BitOps and MACs, 0..1. */
  readonly share: number;
  readonly macShare: number;
}

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
      {size && size.width > 0 && size.height > NAMES + 2 * HEAD && <Columns columns={columns} size={size} />}
    </div>
  );
}

const LEFT = 52;
const HEAD = 16;
const NAMES = 18;
const LETTER = 6.7;
/** Characters of a layer's name; longer ones are shortened. */
const MAX_NAME = 14;
/** Wide enough bars carry their number. */
const NUMBER_BAR = 9;

function Columns({ columns, size: { width, height } }: { readonly columns: readonly Column[]; readonly size: Size }) {
  const selected = useSelection((state) => state.layer);
  const select = useSelection((state) => state.select);
  const most = Math.max(4, ...columns.map(({ bits }) => Math.max(bits.weight, bits.activation)));
  const costliest = Math.max(...columns.map(({ share, macShare }) => Math.max(share, macShare)));
  const upper = (height - NAMES - 2 * HEAD) * 0.62;
  const lower = height - NAMES - 2 * HEAD - upper;
  const base = HEAD + upper;
  const step = (width - LEFT) / columns.length;
  const bar = Math.min(28, step * 0.38);
  const nameLength = Math.min(MAX_NAME, Math.max(...columns.map(({ layer }) => layer.name.length)));
  const nameWidth = nameLength * LETTER + 8;
  const every = Math.max(1, Math.ceil(nameWidth / step));
  return (
    <svg width={width} height={height} role="img" aria-label={describe(columns)}>
      <text className="chart-label" x={0} y={HEAD + 8}>
        bits
      </text>
      <text className="chart-label" x={0} y={base + HEAD + 8}>
        BitOps
      </text>
      {columns.map(({ layer, bits, share, macShare }, i) => {
        const middle = LEFT + (i + 0.5) * step;
        return (
          <g key={layer.name} onClick={() => select(layer.name)}>
            <rect
              className={layer.name === selected ? "column selected" : "column"}
              x={middle - step / 2}
              y={0}
              width={step}
              height={height}
            />
            {[bits.weight, bits.activation].map((value, role) => {
              const tall = (Math.min(value, most) / most) * upper;
              const x = middle + (role - 1) * (bar + 1);
              return (
                <g key={role}>
                  <rect x={x} y={base - tall} width={bar} height={tall} style={{ fill: bitColor(value) }} />
                  {bar >= NUMBER_BAR && (
                    <text className="chart-value" x={x + bar / 2} y={base - tall - 4} textAnchor="middle">
                      {bitsText(value, 0)}
                    </text>
                  )}
                </g>
              );
            })}
            <rect
              className="cost-bar"
              x={middle - bar}
              y={base + HEAD}
              width={2 * bar}
              height={Math.max(1, (share / costliest) * lower)}
            />
            <path
              className="mac-mark"
              d={`M${middle - bar - 2} ${base + HEAD + (macShare / costliest) * lower}h${2 * bar + 4}`}
            />
            {bar * 2 >= 30 && (
              <text className="chart-label" x={middle} y={base + HEAD - 4} textAnchor="middle">
                {percent(share, 0)}
              </text>
            )}
            {i % every === 0 && (
              <text className="chart-label" x={Math.min(middle, width - nameWidth / 2)} y={height - 5} textAnchor="middle">
                {shortened(layer.name, nameLength)}
              </text>
            )}
          </g>
        );
      })}
      <path className="chart-axis" d={`M${LEFT} ${base + 0.5}H${width}`} />
    </svg>
  );
}

const describe = (columns: readonly Column[]): string =>
  columns
    .map(
      ({ layer, bits, share }) =>
        `${layer.name}: weights ${bits.weight} bits, activations ${bits.activation} bits, ${percent(share)} of BitOps`,
    )
    .join("; ");

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
