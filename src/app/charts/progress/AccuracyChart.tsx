import { memo, useMemo } from "react";
import { ComposedChart, Line, ReferenceDot } from "recharts";
import type { HistoryPoint } from "../../../core/history";
import { percent } from "../../format";
import { useSelection } from "../../store/selection";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { pointAt, runExtent, thinned } from "../time-axis";
import { testPoints, type TestPoint } from "./accuracy-series";
import { plotProps, timeAxis, valueAxis } from "./plot-axes";
import { LineKey } from "./LineKey";
import { TimePlot } from "./TimePlot";
import { useLiveHistory, type LiveHistory } from "../use-live-history";

/** Training accuracy as it runs and test accuracy after each epoch. */
export function AccuracyChart() {
  const live = useLiveHistory();
  return <AccuracyFigure live={live} />;
}

const AccuracyFigure = memo(function AccuracyFigure({ live }: { readonly live: LiveHistory }) {
  const { history } = live;
  const tests = useMemo(() => thinned(testPoints(live.history)), [live]);
  return (
    <ChartFrame
      title="Accuracy"
      note={<AccuracyReadout live={live} tests={tests} />}
      fileName="bitloom-accuracy"
      table={() => ({
        columns: ["step", "network", "training accuracy", "test accuracy"],
        rows: [
          ...history.points.map(({ time, stage, snapshot }) => [
            time,
            history.stages[stage]?.stage.label ?? "",
            snapshot.accuracy,
            null,
          ]),
          ...tests.map(({ time, label, accuracy }) => [time, label, null, accuracy]),
        ],
      })}
      explanation={<AccuracyExplanation />}
    >
      <AccuracyPlot live={live} tests={tests} />
    </ChartFrame>
  );
});

const ACCURACIES = [0, 0.5, 1] as const;

interface PlotProps {
  readonly live: LiveHistory;
  readonly tests: readonly TestPoint[];
}

const AccuracyPlot = memo(function AccuracyPlot({ live, tests }: PlotProps) {
  const { history } = live;
  const { extent, points } = useMemo(() => ({ extent: runExtent(live.history), points: thinned(live.history.points) }), [live]);
  if (!extent || points.length === 0) {
    return <ChartEmpty>Press Start: training accuracy runs here, with a point for the test images after each epoch.</ChartEmpty>;
  }
  return (
    <TimePlot history={history} extent={extent} above="stages">
      {(size) => (
        <ComposedChart {...plotProps(size)} data={[...points]}>
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
          {tests.map(({ time, accuracy, isRelaxed }, i) => (
            <ReferenceDot
              key={i}
              x={time}
              y={accuracy}
              r={isRelaxed ? 3 : 2.25}
              fill={isRelaxed ? "var(--surface)" : "var(--accent)"}
              stroke={isRelaxed ? "var(--text)" : "var(--accent)"}
              strokeWidth={1.5}
            />
          ))}
        </ComposedChart>
      )}
    </TimePlot>
  );
});

function AccuracyReadout({ live: { history }, tests }: PlotProps) {
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
      images after an epoch: hollow ones for the searching network, which mixes all candidates, filled ones for networks with
      decided bits.
    </p>
    <p>The hollow points are no result: only a network with whole bits can be deployed. Compare filled ones.</p>
  </>
);
