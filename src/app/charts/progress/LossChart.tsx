import { memo, useMemo } from "react";
import { Line, LineChart, ReferenceLine } from "recharts";
import type { History, HistoryPoint } from "../../../core/history";
import { loss } from "../../format";
import { useSelection } from "../../store/selection";
import type { ChartTable } from "../frame/chart-table";
import { ChartFrame } from "../frame/ChartFrame";
import { Formula } from "../frame/Formula";
import { axisEnd, linearTicks } from "../ticks";
import { pointAt, rateDrops, runExtent, thinned } from "../time-axis";
import { plotProps, timeAxis, valueAxis } from "./plot-axes";
import { LineKey } from "./LineKey";
import { TimePlot } from "./TimePlot";
import { historyNow, useLiveHistory } from "../use-live-history";

/** Cross-entropy and what the method adds to it, on one axis. */
export const LossChart = () => (
  <ChartFrame
    title="Loss"
    note={<LossReadout />}
    fileName="bitloom-loss"
    table={() => lossTable(historyNow())}
    explanation={<LossExplanation />}
  >
    <LossPlot />
  </ChartFrame>
);

const lossTable = (history: History): ChartTable => ({
  columns: ["step", "stage", "cross-entropy", "penalty", "learning rate"],
  rows: history.points.map(({ time, stage, snapshot }) => [
    time,
    history.stages[stage]?.stage.label ?? "",
    snapshot.taskLoss,
    searches(history, stage) ? snapshot.penalty : null,
    snapshot.rate,
  ]),
});

const LossPlot = memo(function LossPlot() {
  const live = useLiveHistory("loss");
  const { history } = live;
  const { extent: known, points, end, drops } = useMemo(() => plotData(live.history), [live]);
  const empty = points.length === 0 ? "Press Start: both parts of the loss appear here." : null;
  return (
    <TimePlot {...{ history, empty }} extent={known} above="stages">
      {(size, extent) => (
        <LineChart {...plotProps(size)} data={[...thinned(points, extent, size.width)]}>
          {timeAxis(extent, size)}
          {valueAxis(linearTicks(0, end, 3), String, size)}
          {drops.map(({ time }) => (
            <ReferenceLine key={time} x={time} stroke="var(--border)" strokeDasharray="2 2" />
          ))}
          <Line
            dataKey={taskLoss}
            stroke="var(--text)"
            strokeWidth={1.25}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
          <Line
            dataKey={(point: HistoryPoint) => (searches(history, point.stage) ? point.snapshot.penalty : null)}
            stroke="var(--accent)"
            strokeWidth={1.5}
            strokeDasharray="4 2"
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
        </LineChart>
      )}
    </TimePlot>
  );
});

function LossReadout() {
  const { history } = useLiveHistory("loss");
  const time = useSelection((state) => state.hoverTime);
  const point = pointAt(history.points, time);
  const penalty = point && searches(history, point.stage) ? point.snapshot.penalty : null;
  return (
    <span className="readout">
      <LineKey look="solid" />
      <abbr title="cross-entropy">CE</abbr> <b>{loss(point?.snapshot.taskLoss ?? NaN)}</b> <LineKey look="dashed" />
      penalty <b>{loss(penalty ?? NaN)}</b>
    </span>
  );
}

const taskLoss = ({ snapshot }: HistoryPoint): number => snapshot.taskLoss;
const searches = (history: History, stage: number): boolean => history.stages[stage]?.stage.kind === "search";

function plotData(history: History) {
  const { points } = history;
  const highest = points.reduce(
    (most, { stage, snapshot }) => Math.max(most, snapshot.taskLoss, searches(history, stage) ? snapshot.penalty : 0),
    0,
  );
  return { extent: runExtent(history), points, end: axisEnd(highest, 3), drops: rateDrops(history) };
}

const LossExplanation = () => (
  <>
    <p>
      What the search makes smaller, in its two parts: the cross-entropy of the last batch, and a penalty for what the network
      costs. When both are of the same order, accuracy and cost pull equally. Trainings after the search have no second part.
      Dashed verticals: the learning rate drops.
    </p>
    <p>EdMIPS weighs the complexity C with &lambda;, set by hand or by the controller that follows a target:</p>
    <Formula>L = cross-entropy + &lambda; C</Formula>
    <Formula>
      C = &Sigma;<sub>l</sub> E[b<sup>w</sup>
      <sub>l</sub>] E[b<sup>a</sup>
      <sub>l</sub>] S<sub>l</sub> / S<sub>1</sub>
    </Formula>
    <p>
      S<sub>l</sub> is the number of weights times the output positions, S<sub>1</sub> that of the first searched layer. EdMIPS,
      CVPR 2020: equations 15 to 18, figure 7.
    </p>
    <p>FracBits weighs the distance of the resource R from the budget with &kappa;:</p>
    <Formula>
      L = cross-entropy + &kappa; |R &minus; R<sub>target</sub>|
    </Formula>
    <p>
      Here R is counted in units of the network with 1 bit everywhere, so that one &kappa; suits networks of any size. FracBits,
      AAAI 2021: equation 6.
    </p>
  </>
);
