import { memo, useDeferredValue, useRef, type ReactElement } from "react";
import type { History } from "../../../core/history";
import { useSelection } from "../../store/selection";
import { count } from "../../format";
import { ChartEmpty } from "../frame/ChartEmpty";
import { useSize, type Size } from "../frame/use-size";
import { SKIP_EXPORT } from "../frame/export-picture";
import { knobMoves } from "../knob-moves";
import { spacedLabels } from "../ticks";
import { stageBands, type Extent } from "../time-axis";

/** Room around the drawing area of every chart over time, in pixels: the cursor is placed without asking the chart. */
export const PLOT_EDGES = { top: 16, right: 18, bottom: 20, left: 46 } as const;

/** The time axis of a chart that waits for its run. */
const NO_TIME: Extent = { start: 0, end: 1 };

interface Props {
  readonly history: History;
  /** Null before there is a run. */
  readonly extent: Extent | null;
  /** What will appear here, as long as nothing has: the chart waits behind it, unseen. */
  readonly empty: string | null;
  /** What stands above the drawing area: names of the stages, or the values of moved knobs. */
  readonly above: "stages" | "knobs";
  readonly children: (size: Size, extent: Extent) => ReactElement;
}

/**
 * A chart over time: bands of stages, ticks of knob changes, the shared time cursor; the chart itself comes from outside. It exists
 * before there is anything to draw, because making one takes several times as long as changing it: at the first snapshot of a run, with
 * training on all cores, the page would not answer for a tenth of a second.
 */
export function TimePlot({ history, extent: known, empty, above, children }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const extent = known ?? NO_TIME;
  // A chart that comes into being is rendered in pieces, between which the page answers.
  const size = useDeferredValue(useSize(element));
  const { left, right, top, bottom } = PLOT_EDGES;
  const width = (size?.width ?? 0) - left - right;
  return (
    <div className={empty === null ? "time-plot" : "time-plot waiting"} ref={element}>
      {empty !== null && <ChartEmpty>{empty}</ChartEmpty>}
      {size && width > 0 && size.height > top + bottom && (
        <>
          <Stages {...{ history, extent, width }} isLabelled={above === "stages"} />
          <Chart isWaiting={empty !== null} {...{ size, extent }} draw={children} />
          <KnobTicks {...{ history, extent, width }} isLabelled={above === "knobs"} />
          <TimeCursor {...{ history, extent, width }} isLabelled={above === "stages"} />
        </>
      )}
    </div>
  );
}

interface ChartProps {
  readonly isWaiting: boolean;
  readonly size: Size;
  readonly extent: Extent;
  readonly draw: (size: Size, extent: Extent) => ReactElement;
}

/** While it waits unseen it stays as it is: the start of a run draws no chart. */
const Chart = memo(
  ({ draw, size, extent }: ChartProps) => draw(size, extent),
  (_, { isWaiting }) => isWaiting,
);

interface LayerProps {
  readonly history: History;
  readonly extent: Extent;
  /** Of the drawing area, in pixels. */
  readonly width: number;
}

type LabelledProps = LayerProps & { readonly isLabelled: boolean };

const toX = (time: number, { start, end }: Extent, width: number): number => ((time - start) / Math.max(1, end - start)) * width;

/** Pixels that a letter of a stage's name takes, with some air. */
const LETTER = 9;

function Stages({ history, extent, width, isLabelled }: LabelledProps) {
  const bands = stageBands(history, extent);
  return (
    <div className="plot-area">
      {bands.map(({ label, start, end }, i) => {
        const [from, to] = [toX(start, extent, width), toX(end, extent, width)];
        return (
          <div key={start} className={i % 2 === 1 ? "stage-band shaded" : "stage-band"} style={{ left: from, width: to - from }}>
            {isLabelled && to - from > label.length * LETTER && <span>{label}</span>}
          </div>
        );
      })}
    </div>
  );
}

/** A dragged slider moves at every snapshot: its lines stay lines. */
const LINE_GAP = 8;
/** Pixels between two labelled knob changes. */
const KNOB_GAP = 64;
/** Labels stay inside the drawing area: one at its right end stands left of its tick. */
const KNOB_LABEL = 60;

function KnobTicks({ history, extent, width, isLabelled }: LabelledProps) {
  const moves = knobMoves(history, extent);
  const lines = spacedLabels(moves, ({ time }) => toX(time, extent, width), LINE_GAP);
  const labelled = new Set(spacedLabels(moves, ({ time }) => toX(time, extent, width), KNOB_GAP));
  return (
    <div className="plot-area">
      {lines.map((move) => {
        const x = toX(move.time, extent, width);
        return (
          <div key={move.time} className={x > width - KNOB_LABEL ? "knob-tick end" : "knob-tick"} style={{ left: x }}>
            {isLabelled && labelled.has(move) && <span>{move.label}</span>}
          </div>
        );
      })}
    </div>
  );
}

/** "W2A2, step 312": steps of the stage. */
function momentLabel(history: History, time: number): string {
  const entry = history.stages.findLast(({ start }) => start <= time);
  return entry ? `${entry.stage.label}, step ${count(time - entry.start)}` : "";
}

/** Takes the pointer and shows the cursor: moving it draws no chart again. */
function TimeCursor({ history, extent, width, isLabelled }: LabelledProps) {
  const time = useSelection((state) => state.hoverTime);
  const setTime = useSelection((state) => state.setHoverTime);
  const x = time === null || time < extent.start || time > extent.end ? null : toX(time, extent, width);
  return (
    <div
      className="plot-area plot-pointer"
      {...SKIP_EXPORT}
      onPointerMove={({ currentTarget, clientX }) => {
        const share = (clientX - currentTarget.getBoundingClientRect().left) / width;
        setTime(extent.start + Math.min(1, Math.max(0, share)) * (extent.end - extent.start));
      }}
      onPointerLeave={() => setTime(null)}
    >
      {x !== null && time !== null && (
        <div className={x > width / 2 ? "time-cursor end" : "time-cursor"} style={{ left: x }}>
          {isLabelled && <span>{momentLabel(history, time)}</span>}
        </div>
      )}
    </div>
  );
}
