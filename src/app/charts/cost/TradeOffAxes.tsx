import { compactTick } from "../../format";
import { linearTicks, logTicks } from "../ticks";
import type { TradeOffScale } from "./trade-off-points";

/** Room around the drawing area, in pixels. */
export const EDGES = { top: 8, right: 10, bottom: 20, left: 46 } as const;
/** Strip at the right for the float network, beyond a break of the axis. */
export const FLOAT_STRIP = 34;
/** Half the width of a label: the last one stays inside the drawing. */
const LABEL_ROOM = 20;
/** Pixels before the break of the axis that a label needs. */
const BREAK_ROOM = 20;

interface AxesProps {
  readonly scale: TradeOffScale;
  readonly toX: (bitOps: number) => number;
  readonly toY: (accuracy: number) => number;
  readonly right: number;
  readonly bottom: number;
  readonly hasFloat: boolean;
  readonly width: number;
}

/** Accuracy upwards, BitOps to the right; float beyond a break. */
export function TradeOffAxes({ scale, toX, toY, right, bottom, hasFloat, width }: AxesProps) {
  const rows = linearTicks(scale.y.min * 100, scale.y.max * 100, Math.max(2, Math.floor(bottom / 22)));
  const ticks = costTicks(scale.x, (right - EDGES.left) / 52).filter((tick) => !hasFloat || toX(tick) < right - BREAK_ROOM);
  const decimals = rows.every(Number.isInteger) ? 0 : 1;
  return (
    <g>
      {rows.map((tick) => (
        <g key={tick}>
          <path className="chart-grid" d={`M${EDGES.left} ${Math.round(toY(tick / 100)) + 0.5}H${width - EDGES.right}`} />
          <text className="chart-label" x={EDGES.left - 5} y={toY(tick / 100)} dy="0.35em" textAnchor="end">
            {`${tick.toFixed(decimals)}\u00a0%`}
          </text>
        </g>
      ))}
      <path className="chart-axis" d={`M${EDGES.left} ${bottom + 0.5}H${right}`} />
      {ticks.map((tick) => (
        <g key={tick}>
          <path className="chart-axis" d={`M${toX(tick)} ${bottom}v4`} />
          <text className="chart-label" x={Math.min(toX(tick), width - LABEL_ROOM)} y={bottom + 15} textAnchor="middle">
            {compactTick(tick)}
          </text>
        </g>
      ))}
      {hasFloat && (
        <>
          <path
            className="chart-axis"
            d={`M${right} ${bottom + 4}l4 -8m2 8l4 -8M${right + 10} ${bottom + 0.5}H${width - EDGES.right}`}
          />
          <text className="chart-label" x={width - EDGES.right - FLOAT_STRIP / 2 + 4} y={bottom + 15} textAnchor="middle">
            32/32
          </text>
        </>
      )}
    </g>
  );
}

/** Between two powers of ten the usual logarithmic ticks may be one or none. */
function costTicks({ min, max }: { readonly min: number; readonly max: number }, room: number): readonly number[] {
  const most = Math.max(2, Math.floor(room));
  const ticks = logTicks(min, max, most);
  return ticks.length > 1 ? ticks : linearTicks(min, max, most);
}
