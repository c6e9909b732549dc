import { memo, useMemo, useRef, useState } from "react";
import type { TrainResult } from "../../../core/protocol";
import { bits, compact, percent } from "../../format";
import { useRun } from "../../store/run";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { SKIP_EXPORT } from "../frame/export-picture";
import { useSize, type Size } from "../frame/use-size";
import { placeLabels } from "../place-labels";
import { EDGES, FLOAT_STRIP, TradeOffAxes } from "./TradeOffAxes";
import { tradeOffPoints, tradeOffScale, type TradeOffPoint } from "./trade-off-points";

interface Props {
  /** Results of the runs before this one. */
  readonly earlier?: readonly TrainResult[];
}

const NONE: readonly TrainResult[] = [];

/** Accuracy against cost of all trained networks. */
export function TradeOff({ earlier = NONE }: Props) {
  const history = useRun((state) => state.history);
  // Points come with tests and results only.
  const told = useRun((state) => state.history.results.length + state.history.evaluations.length);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the history changes in place.
  const points = useMemo(() => tradeOffPoints(history, earlier), [history, told, earlier]);
  return <TradeOffFigure points={points} />;
}

const TradeOffFigure = memo(function TradeOffFigure({ points }: { readonly points: readonly TradeOffPoint[] }) {
  const [pointed, setPointed] = useState<TradeOffPoint | null>(null);
  return (
    <ChartFrame
      title="Trade-off"
      note={<Readout point={pointed} />}
      fileName="bitloom-trade-off"
      table={() => ({
        columns: ["network", "kind", "run", "BitOps", "average bits", "test accuracy"],
        rows: points.map(({ label, kind, isEarlier, totals, accuracy }) => [
          label,
          kind,
          isEarlier ? "earlier" : "this",
          totals.bitOps,
          totals.averageBits,
          accuracy,
        ]),
      })}
      explanation={<TradeOffExplanation />}
    >
      {points.length > 0 ? (
        <TradeOffPlot {...{ points, pointed, setPointed }} />
      ) : (
        <ChartEmpty>
          Start a search and retrain its policy: each trained network becomes a point of accuracy against cost here.
        </ChartEmpty>
      )}
    </ChartFrame>
  );
});

const Readout = ({ point }: { readonly point: TradeOffPoint | null }) =>
  point ? (
    <span className="readout">
      {point.label} <b>{percent(point.accuracy, 2)}</b> {compact(point.totals.bitOps)} {bits(point.totals.averageBits)}&nbsp;bits
    </span>
  ) : (
    <>accuracy against BitOps</>
  );

interface PlotProps {
  readonly points: readonly TradeOffPoint[];
  readonly pointed: TradeOffPoint | null;
  readonly setPointed: (point: TradeOffPoint | null) => void;
}

function TradeOffPlot(props: PlotProps) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  return (
    <div className="trade-off" ref={element}>
      {size && size.width > 0 && size.height > EDGES.top + EDGES.bottom && <Drawing {...props} size={size} />}
    </div>
  );
}

const TEXT = 12;
/** Bold letters are as much wider. */
const BOLD = 1.1;

/** About the pixels of a label: capitals and digits are wider than other letters. */
const labelWidth = (label: string): number =>
  Array.from(label, (letter) => (/[A-Z]/.test(letter) ? 9.6 : /\d/.test(letter) ? 7.8 : 6.6)).reduce(
    (sum, width) => sum + width,
    0,
  );

function Drawing({ points, pointed, setPointed, size }: PlotProps & { readonly size: Size }) {
  const hasFloat = points.some(({ kind }) => kind === "float");
  const scale = useMemo(() => tradeOffScale(points), [points]);
  const right = size.width - EDGES.right - (hasFloat ? FLOAT_STRIP : 0);
  const bottom = size.height - EDGES.bottom;
  const toX = (bitOps: number): number =>
    EDGES.left + (Math.log(bitOps / scale.x.min) / Math.log(scale.x.max / scale.x.min)) * (right - EDGES.left);
  const toY = (accuracy: number): number =>
    bottom - ((accuracy - scale.y.min) / (scale.y.max - scale.y.min)) * (bottom - EDGES.top);
  const places = points.map((point) => ({
    x: point.kind === "float" ? size.width - EDGES.right - FLOAT_STRIP / 2 : toX(point.totals.bitOps),
    y: toY(point.accuracy),
  }));
  const shown = points.filter(({ isEarlier }) => !isEarlier);
  const area = { left: EDGES.left + 2, top: 0, width: size.width - EDGES.left - 2, height: bottom };
  const labels = placeLabels(
    shown.map(({ label, kind }, i) => ({
      x: places[i]?.x ?? 0,
      y: places[i]?.y ?? 0,
      width: labelWidth(label) * (kind === "policy" ? BOLD : 1),
      height: TEXT + 2,
    })),
    area,
  );
  const uniform = points.flatMap(({ kind, isEarlier }, i) => {
    const place = places[i];
    return kind === "uniform" && !isEarlier && place ? [`${place.x.toFixed(1)} ${place.y.toFixed(1)}`] : [];
  });
  return (
    <svg width={size.width} height={size.height} role="img" aria-label={describe(points)} onPointerLeave={() => setPointed(null)}>
      <TradeOffAxes {...{ scale, toX, toY, right, bottom, hasFloat, width: size.width }} />
      {uniform.length > 1 && <path className="uniform-line" d={`M${uniform.join("L")}`} />}
      {points.map((point, i) => {
        const at = places[i];
        return at && <Mark key={`${point.kind} ${point.label} ${i}`} point={point} at={at} isPointed={point === pointed} />;
      })}
      {labels.map((box, i) => {
        const point = shown[i];
        return (
          box &&
          point && (
            <text
              key={i}
              className={point.kind === "policy" ? "point-label strong" : "point-label"}
              x={box.left}
              y={box.top + TEXT - 1}
            >
              {point.label}
            </text>
          )
        );
      })}
      {points.map((point, i) => (
        <circle
          key={i}
          {...SKIP_EXPORT}
          className="point-target"
          cx={places[i]?.x ?? 0}
          cy={places[i]?.y ?? 0}
          r={12}
          onPointerEnter={() => setPointed(point)}
        />
      ))}
    </svg>
  );
}

function Mark({
  point,
  at,
  isPointed,
}: {
  readonly point: TradeOffPoint;
  readonly at: { readonly x: number; readonly y: number };
  readonly isPointed: boolean;
}) {
  const { kind, isEarlier } = point;
  const className = `point point-${kind}${isEarlier ? " earlier" : ""}${isPointed ? " pointed" : ""}`;
  return kind === "float" ? (
    <rect className={className} x={at.x - 3.5} y={at.y - 3.5} width={7} height={7} />
  ) : (
    <circle className={className} cx={at.x} cy={at.y} r={kind === "policy" && !isEarlier ? 5 : 3.5} />
  );
}

const describe = (points: readonly TradeOffPoint[]): string =>
  `Test accuracy against BitOps. ${points
    .filter(({ isEarlier }) => !isEarlier)
    .map(({ label, accuracy, totals }) => `${label}: ${percent(accuracy)} at ${compact(totals.bitOps, "BitOps")}`)
    .join("; ")}.`;

const TradeOffExplanation = () => (
  <>
    <p>
      Each point is a trained network: test accuracy against the bit operations of the searched layers on a logarithmic axis. The
      grey points on a line have the same bits in all searched layers. The large points are policies, fine-tuned from the search,
      retrained, or from a file; a policy is worth its search when it lies above that line. The square beyond the break is the
      float network, the hollow point the searching network, which still computes between bit-widths and cannot be deployed.
    </p>
    <p>Faint points are earlier runs of this session. EdMIPS, CVPR 2020: figure 5.</p>
  </>
);
