import { memo, useMemo } from "react";
import { Line, LineChart } from "recharts";
import type { HistoryPoint } from "../../../core/history";
import { NO_NUMBER } from "../../format";
import { useSelection } from "../../store/selection";
import { ChartFrame } from "../frame/ChartFrame";
import { LineKey } from "../progress/LineKey";
import { plotProps, timeAxis, valueAxis } from "../progress/plot-axes";
import { TimePlot } from "../progress/TimePlot";
import { pointAt, searchExtent, thinned } from "../time-axis";
import { historyNow, useLiveHistory } from "../use-live-history";
import { MeterExplanation } from "./MeterExplanation";
import { isLogarithmic, meterLines, meterPoints, meterTable, meterTicks, type MeterGroup, type MeterLine } from "./meter-series";

export interface MeterChartProps {
  readonly group: MeterGroup;
  /** Names of the searched layers, in their order. */
  readonly layers: readonly string[];
}

/** The meters of a group over the search: lines of the network, or of every layer with the chosen one emphasised. */
export const MeterChart = memo(function MeterChart({ group, layers }: MeterChartProps) {
  return (
    <ChartFrame
      title={group.title}
      note={<MeterReadout group={group} layers={layers} />}
      fileName={`bitloom-${group.id}`}
      table={() => meterTable(historyNow(), group, layers)}
      explanation={<MeterExplanation group={group} />}
    >
      <MeterPlot group={group} layers={layers} />
    </ChartFrame>
  );
});

/** A network's second line is what the first one is compared with. */
const lookOf = (group: MeterGroup, line: MeterLine): "solid" | "dashed" =>
  group.meters.indexOf(line.meter) === 0 ? "solid" : "dashed";

function MeterPlot({ group, layers }: MeterChartProps) {
  const { history, version } = useLiveHistory("meters");
  const chosen = useSelection((state) => state.layer);
  const { points, known, lines, ticks } = useMemo(() => {
    const measured = meterPoints(history);
    const all = meterLines(group, layers, measured);
    return { points: measured, known: searchExtent(history), lines: all, ticks: meterTicks(group, all, measured) };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the history changes in place; its version says when.
  }, [history, version, group, layers]);
  const empty = points.length === 0 ? "The next snapshot of the search begins these lines." : null;
  // The chosen layer's line is drawn last, above the others.
  const ordered = [...lines.filter(({ layer }) => layer !== chosen), ...lines.filter(({ layer }) => layer === chosen)];
  return (
    <TimePlot {...{ history, empty }} extent={known} above="knobs">
      {(size, extent) => (
        <LineChart {...plotProps(size)} data={[...thinned(points, extent, size.width)]}>
          {timeAxis(extent, size)}
          {valueAxis(ticks, String, size, { scale: isLogarithmic(group.meters) ? "log" : "linear" })}
          {ordered.map((line) => (
            <Line
              key={`${line.meter.spec.id} ${line.layer ?? ""}`}
              dataKey={(point: HistoryPoint) => line.value(point)}
              {...strokeOf(group, line, chosen)}
              dot={false}
              activeDot={false}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      )}
    </TimePlot>
  );
}

function strokeOf(group: MeterGroup, line: MeterLine, chosen: string | null) {
  if (line.layer !== null) {
    return line.layer === chosen
      ? ({ type: "linear", stroke: "var(--accent)", strokeWidth: 2.25 } as const)
      : ({ type: "linear", stroke: "var(--text-2)", strokeWidth: 1, strokeOpacity: 0.55 } as const);
  }
  return lookOf(group, line) === "solid"
    ? ({ type: "linear", stroke: "var(--text)", strokeWidth: 1.5 } as const)
    : // What the other is compared with moves with a knob: all at once.
      ({ type: "stepAfter", stroke: "var(--accent)", strokeWidth: 1.75, strokeDasharray: "4 2" } as const);
}

/** Exact values now or under the time cursor: of the network, or of the chosen layer. */
function MeterReadout({ group, layers }: MeterChartProps) {
  const { history } = useLiveHistory("meters");
  const time = useSelection((state) => state.hoverTime);
  const chosen = useSelection((state) => state.layer);
  const points = meterPoints(history);
  const point = pointAt(points, time);
  const lines = meterLines(group, layers, points).filter(({ layer }) => layer === null || layer === chosen);
  if (lines.length === 0) return <>{group.meters.map(({ spec }) => spec.label).join(", ")} of each layer</>;
  return (
    <span className="readout">
      {lines.map((line) => (
        <span key={line.meter.spec.id}>
          <LineKey look={line.layer === null ? lookOf(group, line) : "chosen"} />
          {[line.layer, line.meter.spec.label].filter(Boolean).join(" ")} <b>{valueText(point && line.value(point))}</b>{" "}
          {line.meter.spec.unit}{" "}
        </span>
      ))}
    </span>
  );
}

const valueText = (value: number | null): string => (value === null ? NO_NUMBER : String(Number(value.toPrecision(4))));
