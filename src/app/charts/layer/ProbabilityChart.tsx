import { memo, useId } from "react";
import { Area, AreaChart, Line, LineChart } from "recharts";
import type { History } from "../../../core/history";
import { plotProps, timeAxis, valueAxis } from "../progress/plot-axes";
import { TimePlot } from "../progress/TimePlot";
import { Hatching } from "../Hatching";
import { candidateLooks, useSchemes } from "../candidate-looks";
import { thinned } from "../time-axis";
import type { SitePoint, SiteSeries } from "./site-series";

interface Props {
  readonly site: SiteSeries;
  readonly asLines: boolean;
  readonly history: History;
}

const PROBABILITIES = [0, 0.5, 1] as const;

/** Bands (or lines) of the candidates' probabilities; bands add up to 1. */
export const ProbabilityChart = memo(function ProbabilityChart({ site, asLines, history }: Props) {
  const { points, candidates } = site;
  const hatching = useId();
  const looks = candidateLooks(candidates, useSchemes());
  const empty = points.length === 0 ? "Press Start: bands of the shares of each candidate grow here." : null;
  return (
    <TimePlot {...{ history, empty }} extent={site.extent} above="knobs">
      {(size, extent) => {
        const common = { ...plotProps(size), data: [...thinned(points, extent, size.width)] };
        const axes = (
          <>
            {timeAxis(extent, size)}
            {valueAxis(PROBABILITIES, String, size)}
          </>
        );
        const series = looks.map(({ key, name, colour, isNone }, k) => ({
          key,
          name,
          isNone,
          dataKey: ({ probabilities }: SitePoint) => probabilities[k] ?? 0,
          isAnimationActive: false,
          dot: false,
          activeDot: false,
          colour,
        }));
        return asLines ? (
          <LineChart {...common}>
            {axes}
            {series.map(({ key, colour, isNone: _, ...line }) => (
              <Line key={key} {...line} stroke={colour} strokeWidth={2} type="linear" />
            ))}
          </LineChart>
        ) : (
          <AreaChart {...common}>
            <Hatching id={hatching} />
            {axes}
            {series.map(({ key, colour, isNone, ...area }) => (
              <Area
                key={key}
                {...area}
                stackId="candidates"
                fill={isNone ? `url(#${hatching})` : colour}
                fillOpacity={1}
                stroke="var(--surface)"
                strokeWidth={1}
                type="linear"
              />
            ))}
          </AreaChart>
        );
      }}
    </TimePlot>
  );
});
