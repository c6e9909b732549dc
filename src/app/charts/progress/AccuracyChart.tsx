import { memo, useMemo } from "react";
import { Line, LineChart } from "recharts";
import type { History, HistoryPoint } from "../../../core/history";
import { percent } from "../../format";
import { useSelection } from "../../store/selection";
import type { ChartTable } from "../frame/chart-table";
import { ChartFrame } from "../frame/ChartFrame";
import type { Size } from "../frame/use-size";
import { pointAt, runExtent, thinned, type Extent } from "../time-axis";
import { testPoints, type TestPoint } from "./accuracy-series";
import { plotProps, timeAxis, valueAxis } from "./plot-axes";
import { LineKey } from "./LineKey";
import { PLOT_EDGES, TimePlot } from "./TimePlot";
import { historyNow, useLiveHistory } from "../use-live-history";

/** Training accuracy as it runs and test accuracy after each epoch. */
export const AccuracyChart = () => (
  <ChartFrame
    title="Accuracy"
    note={<AccuracyReadout />}
    fileName="bitloom-accuracy"
    table={() => accuracyTable(historyNow())}
    explanation={<AccuracyExplanation />}
  >
    <AccuracyPlot />
  </ChartFrame>
);

const accuracyTable = (history: History): ChartTable => ({
  columns: ["step", "network", "training accuracy", "test accuracy"],
  rows: [
    ...history.points.map(({ time, stage, snapshot }) => [
      time,
      history.stages[stage]?.stage.label ?? "",
      snapshot.accuracy,
      null,
    ]),
    ...testPoints(history).map(({ time, label, accuracy }) => [time, label, null, accuracy]),
  ],
});

const BEFORE_START = "Press Start: training accuracy runs here, with a point for the test images after each epoch.";

const ACCURACIES = [0, 0.5, 1] as const;

const AccuracyPlot = memo(function AccuracyPlot() {
  const live = useLiveHistory("accuracy");
  const { history } = live;
  const { known, tests } = useMemo(() => ({ known: runExtent(live.history), tests: testPoints(live.history) }), [live]);
  const empty = history.points.length === 0 ? BEFORE_START : null;
  return (
    <TimePlot {...{ history, empty }} extent={known} above="stages">
      {(size, extent) => (
        <LineChart {...plotProps(size)} data={[...thinned(history.points, extent, size.width)]}>
          {timeAxis(extent, size)}
          {valueAxis(ACCURACIES, (value) => `${value * 100}\u00a0%`, size)}
          <Line
            dataKey={training}
            stroke="var(--text)"
            strokeWidth={1.25}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
          <TestDots {...{ tests, extent, size }} />
        </LineChart>
      )}
    </TimePlot>
  );
});

interface DotsProps {
  readonly tests: readonly TestPoint[];
  readonly extent: Extent;
  readonly size: Size;
}

/** Hollow for the searching network, filled for one with decided bits. Plain circles: a run has up to a hundred. */
function TestDots({ tests, extent: { start, end }, size: { width, height } }: DotsProps) {
  const { left, right, top, bottom } = PLOT_EDGES;
  return (
    <g>
      {tests.map(({ time, accuracy, isRelaxed }, i) => (
        <circle
          key={i}
          cx={left + ((time - start) / Math.max(1, end - start)) * (width - left - right)}
          cy={top + (1 - accuracy) * (height - top - bottom)}
          r={isRelaxed ? 3 : 2.25}
          fill={isRelaxed ? "var(--surface)" : "var(--accent)"}
          stroke={isRelaxed ? "var(--text)" : "var(--accent)"}
          strokeWidth={1.5}
        />
      ))}
    </g>
  );
}

function AccuracyReadout() {
  const live = useLiveHistory("accuracy");
  const { history } = live;
  const tests = useMemo(() => testPoints(live.history), [live]);
  const time = useSelection((state) => state.hoverTime);
  const point = pointAt(history.points, time);
  const test = tests.findLast((entry) => time === null || entry.time <= time);
  return (
    <span className="readout">
      <LineKey look="solid" />
      train <b>{percent(point?.snapshot.accuracy ?? NaN, 0)}</b> <LineKey look={test && !test.isRelaxed ? "point" : "hollow"} />
      test <b>{percent(test?.accuracy ?? NaN)}</b>
    </span>
  );
}

const training = ({ snapshot }: HistoryPoint): number => snapshot.accuracy;

const AccuracyExplanation = () => (
  <>
    <p>
      The line is the share of right predictions over the training images since the point before. Points are measured on the test
      images after an epoch: hollow ones for the searching network, which still computes between bit-widths, filled ones for
      networks with decided bits.
    </p>
    <p>The hollow points are no result: only a network with whole bits can be deployed. Compare filled ones.</p>
  </>
);
