import { lazy, Suspense, useRef, useState, type RefObject } from "react";
import { Button } from "react-aria-components/Button";
import type { ChartAction } from "./ChartMenuItems";
import { tableCsv, type ChartTable } from "./chart-table";
import { pngOf, svgOf } from "./export-picture";
import { saveFile } from "./save-file";
import type { FullScreen } from "./use-full-screen";

const ChartMenuItems = lazy(() => import("./ChartMenuItems"));

interface Props {
  readonly title: string;
  readonly fileName: string;
  readonly table: () => ChartTable;
  readonly picture: (() => string) | undefined;
  readonly frame: RefObject<HTMLElement | null>;
  readonly fullScreen: FullScreen;
  readonly onExplain: () => void;
}

/** The "..." menu of every chart. */
export function ChartMenu({ title, fileName, table, picture, frame, fullScreen, onExplain }: Props) {
  const trigger = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState("");
  const act = (action: (element: HTMLElement) => void | Promise<void>) => (): void => {
    if (!frame.current) return;
    Promise.resolve(frame.current)
      .then(action)
      .then(() => setProblem(""))
      .catch((error: unknown) => setProblem(`The browser refused: ${(error as Error).message}`));
  };
  const save = (ending: string, content: Blob): void => saveFile(`${fileName}.${ending}`, content);
  const drawn = (element: HTMLElement): string => (picture ? picture() : svgOf(element));
  const label = `More about: ${title}`;
  const actions: readonly ChartAction[] = [
    { label: "What am I looking at?", act: onExplain },
    { label: fullScreen.isFull ? "Leave full screen" : "Full screen", act: fullScreen.toggle },
    {
      label: "Save as SVG",
      act: act((element) => save("svg", new Blob([drawn(element)], { type: "image/svg+xml" }))),
    },
    { label: "Save as PNG", act: act(async (element) => save("png", await pngOf(drawn(element)))) },
    { label: "Save data as CSV", act: act(() => save("csv", new Blob([tableCsv(table())], { type: "text/csv" }))) },
  ];
  return (
    <>
      {problem && (
        <span className="chart-problem" role="status">
          {problem}
        </span>
      )}
      <Button
        className="button chart-menu"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        ref={trigger}
        onPress={() => setOpen(true)}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
          <circle cx="3" cy="8" r="1.3" />
          <circle cx="8" cy="8" r="1.3" />
          <circle cx="13" cy="8" r="1.3" />
        </svg>
      </Button>
      <Suspense>{isOpen && <ChartMenuItems {...{ label, trigger, isOpen, actions }} onOpenChange={setOpen} />}</Suspense>
    </>
  );
}
