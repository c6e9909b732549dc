import { lazy, Suspense, useRef, useState, type ReactNode } from "react";
import { ChartMenu } from "./ChartMenu";
import type { ChartTable } from "./chart-table";
import { useFullScreen } from "./use-full-screen";
import "../charts.css";

/** The dialog is loaded when somebody asks. */
const Explanation = lazy(() => import("./Explanation"));

interface Props {
  /** Says what the chart shows. */
  readonly title: string;
  /** Right of the title: units, values under the pointer. */
  readonly note?: ReactNode;
  /** Begins the names of saved files. */
  readonly fileName: string;
  /** What is shown, as a table; called when it is saved. */
  readonly table: () => ChartTable;
  /** SVG text of the whole drawing, where more can be drawn than is in sight; else what is in sight is saved. */
  readonly picture?: () => string;
  /** Answers "What am I looking at?". */
  readonly explanation: ReactNode;
  /** Controls of this chart, before the menu. */
  readonly controls?: ReactNode;
  readonly children: ReactNode;
}

/** Title row and menu around a chart that fills its parent. */
export function ChartFrame({ title, note, fileName, table, picture, explanation, controls, children }: Props) {
  const frame = useRef<HTMLElement>(null);
  const [explaining, setExplaining] = useState(false);
  const fullScreen = useFullScreen();
  return (
    <figure className={fullScreen.isFull ? "chart chart-full" : "chart"} aria-label={title} ref={frame}>
      <header className="chart-head">
        <h2>{title}</h2>
        <div className="chart-note">{note}</div>
        <div className="chart-controls" data-export="skip">
          {controls}
          <ChartMenu {...{ title, fileName, table, picture, frame, fullScreen }} onExplain={() => setExplaining(true)} />
        </div>
      </header>
      <div className="chart-body">{children}</div>
      <Suspense>
        {explaining && (
          <Explanation title={title} onClose={() => setExplaining(false)}>
            {explanation}
          </Explanation>
        )}
      </Suspense>
    </figure>
  );
}
