/** Axes that all charts over time share. */
import { XAxis, YAxis } from "recharts";
import type { Size } from "../frame/use-size";
import { compactTick } from "../../format";
import { linearTicks } from "../ticks";
import type { Extent } from "../time-axis";
import { PLOT_EDGES } from "./TimePlot";

const TICK = { fill: "var(--text-2)", fontSize: 12 } as const;
const LINE = { stroke: "var(--border)" } as const;
/** Pixels that a tick label of the time axis takes, with air. */
const TICK_GAP = 48;
const LINE_HEIGHT = 15;

/** Labels and lines of an axis, for those that are made elsewhere. */
export const TICK_STYLE = { tick: TICK, tickSize: 3, axisLine: LINE, tickLine: LINE } as const;

/** Margins that leave exactly `PLOT_EDGES`. */
const PLOT_MARGIN = { top: PLOT_EDGES.top, right: PLOT_EDGES.right, bottom: 0, left: 0 } as const;

/** What every chart over time passes on: no animation, no focus of its own (values are read beside it). */
export const plotProps = ({ width, height }: Size) => ({ width, height, margin: PLOT_MARGIN, accessibilityLayer: false });

/** Whole steps of the run. */
export function timeAxis({ start, end }: Extent, { width }: Size) {
  const most = Math.max(1, Math.round((width - PLOT_EDGES.left - PLOT_EDGES.right) / TICK_GAP));
  return (
    <XAxis
      dataKey="time"
      type="number"
      domain={[start, end]}
      ticks={[...linearTicks(start, end, most)]}
      interval={0}
      tickFormatter={(time: number) => compactTick(time)}
      height={PLOT_EDGES.bottom}
      {...TICK_STYLE}
      allowDataOverflow
    />
  );
}

/** Values from the first to the last tick, and as much `air` beyond; only these two are labelled where the chart is low. */
export function valueAxis(
  ticks: readonly number[],
  format: (value: number) => string,
  { height }: Size,
  { scale = "linear", air = 0 }: { readonly scale?: "linear" | "log"; readonly air?: number } = {},
) {
  const room = (height - PLOT_EDGES.top - PLOT_EDGES.bottom) / Math.max(1, ticks.length - 1);
  return (
    <YAxis
      type="number"
      scale={scale}
      domain={[(ticks[0] ?? 0) - air, (ticks.at(-1) ?? 1) + air]}
      ticks={ticks.filter((_, i) => room >= LINE_HEIGHT || i === 0 || i === ticks.length - 1)}
      interval={0}
      tickFormatter={format}
      width={PLOT_EDGES.left}
      {...TICK_STYLE}
      allowDataOverflow
    />
  );
}
