import { memo, useMemo } from "react";
import { ComposedChart, Line, ReferenceDot } from "recharts";
import type { HistoryPoint } from "../../../core/history";
import { percent } from "../../format";
import { useHistory } from "../../store/run";
import { useSelection } from "../../store/selection";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { pointAt, runExtent, thinned } from "../time-axis";
import { testPoints, type TestPoint } from "./accuracy-series";
import { plotProps, timeAxis, valueAxis } from "./plot-axes";
import { LineKey } from "./LineKey";
import { TimePlot } from "./TimePlot";

/** Training accuracy as it runs and test accuracy after each epoch. */
export function AccuracyChart() {
  const { history, version } = useHistory();
  return <AccuracyFigure history={history} version={version} />;
}

const AccuracyFigure = memo(function AccuracyFigure({ history, version }: ReturnType<typeof useHistory>) {
  // The history changes in place: the version says when.
  const tests = useMemo(() => thinned(testPoints(history)), [history, version]);
  return (
    <ChartFrame
      title="Accuracy"
      note={<AccuracyReadout history={history} tests={tests} />}
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
      <AccuracyPlot {...{ history, version, tests }} />
    </ChartFrame>
  );
});

const ACCURACIES = [0, 0.5, 1] as const;

interface PlotProps extends ReturnType<typeof useHistory> {
  readonly tests: readonly TestPoint[];
}

const AccuracyPlot = memo(function AccuracyPlot({ history, version, tests }: PlotProps) {
  const { extent, points } = useMemo(() => ({ extent: runExtent(history), points: thinned(history.points) }), [history, version]);
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

type ReadoutProps = Pick<PlotProps, "history" | "tests">;

function AccuracyReadout({ history, tests }: ReadoutProps) {
  const time = useSelection((state) => state.hoverTime);
  const point = pointAt(history.points, time);
  const test = tests.findLast((entry) => time === null || entry.time <= time);
  return (
    <span className="readout">
      <LineKey look="solid" />
      train <b>{percent(point?.snapshot.accuracy ?? NaN)}</b> <LineKey look={test && !test.isRelaxed ? "point" : "hollow"} />
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
