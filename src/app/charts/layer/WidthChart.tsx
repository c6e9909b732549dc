import { memo } from "react";
import { CartesianGrid, Line, LineChart } from "recharts";
import type { History } from "../../../core/history";
import { meanBits, type Bits } from "../../../core/search";
import type { Size } from "../frame/use-size";
import { plotProps, timeAxis, valueAxis } from "../progress/plot-axes";
import { PLOT_EDGES, TimePlot } from "../progress/TimePlot";
import { bitColor } from "../theme";
import { thinned } from "../time-axis";
import type { SiteSeries } from "./site-series";

interface Props {
  readonly site: SiteSeries;
  /** Whole width of the policy, null before there is one. */
  readonly decided: Bits | null;
  readonly history: History;
}

/** A real-valued width over time, on the grid of the whole widths that it interpolates between. */
export const WidthChart = memo(function WidthChart({ site, decided, history }: Props) {
  const { points, candidates } = site;
  const empty = points.length === 0 ? "Press Start: the width moves here, between whole bits, until it is rounded." : null;
  const widths = candidates.map(({ bits }) => bits);
  return (
    <TimePlot {...{ history, empty }} extent={site.extent} above="knobs">
      {(size, extent) => (
        <LineChart {...plotProps(size)} data={[...thinned(points, extent, size.width)]}>
          <CartesianGrid vertical={false} stroke="var(--border)" />
          {timeAxis(extent, size)}
          {valueAxis(widths, String, size, { air: AIR })}
          <BitScale widths={widths} size={size} />
          <Line
            dataKey="bits"
            stroke="var(--text)"
            strokeWidth={1.5}
            type="linear"
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
          {decided !== null && <Decided bits={meanBits(decided)} widths={widths} size={size} />}
        </LineChart>
      )}
    </TimePlot>
  );
});

interface ScaleProps {
  readonly widths: readonly number[];
  readonly size: Size;
}

/** Bits beyond the first and the last width: half the way to the next one, so that every width has its whole colour. */
const AIR = 0.5;

/** Height of a width in the drawing area. */
function placeOf(bits: number, { widths, size }: ScaleProps): number {
  const [least, most] = [(widths[0] ?? 0) - AIR, (widths.at(-1) ?? 1) + AIR];
  const { top, bottom } = PLOT_EDGES;
  return top + (1 - (bits - least) / (most - least)) * (size.height - top - bottom);
}

/** Pixels of the colours along the axis. */
const SCALE_WIDTH = 5;

/** The colours of the bits along the axis, each around its whole width. */
function BitScale({ widths, size }: ScaleProps) {
  return (
    <g>
      {widths.map((width) => {
        const top = placeOf(width + AIR, { widths, size });
        const height = placeOf(width - AIR, { widths, size }) - top;
        return <rect key={width} x={PLOT_EDGES.left} y={top} width={SCALE_WIDTH} height={height} fill={bitColor(width)} />;
      })}
    </g>
  );
}

/** What the policy made of it, at the end of the time axis; nothing for a width off the axis, which only an edited policy has. */
function Decided({ bits, ...scale }: ScaleProps & { readonly bits: number }) {
  const { widths, size } = scale;
  if (bits < (widths[0] ?? 0) || bits > (widths.at(-1) ?? 0)) return null;
  return (
    <circle
      cx={size.width - PLOT_EDGES.right}
      cy={placeOf(bits, scale)}
      r={4}
      fill="var(--accent)"
      stroke="var(--surface)"
      strokeWidth={1.5}
    />
  );
}
