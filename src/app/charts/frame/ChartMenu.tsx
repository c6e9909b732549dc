import { useState, type RefObject } from "react";
import { Button } from "react-aria-components/Button";
import { Menu, MenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { tableCsv, type ChartTable } from "./chart-table";
import { pngOf, svgOf } from "./export-picture";
import { saveFile } from "./save-file";
import type { FullScreen } from "./use-full-screen";

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
  const [problem, setProblem] = useState("");
  const act = (action: (element: HTMLElement) => void | Promise<void>) => async (): Promise<void> => {
    if (!frame.current) return;
    try {
      await action(frame.current);
      setProblem("");
    } catch (error) {
      setProblem(`The browser refused: ${(error as Error).message}`);
    }
  };
  const save = (ending: string, content: Blob): void => saveFile(`${fileName}.${ending}`, content);
  const drawn = (element: HTMLElement): string => (picture ? picture() : svgOf(element));
  const saveSvg = act((element) => save("svg", new Blob([drawn(element)], { type: "image/svg+xml" })));
  const savePng = act(async (element) => save("png", await pngOf(drawn(element))));
  const saveCsv = act(() => save("csv", new Blob([tableCsv(table())], { type: "text/csv" })));
  return (
    <MenuTrigger>
      {problem && (
        <span className="chart-problem" role="status">
          {problem}
        </span>
      )}
      <Button className="button chart-menu" aria-label={`More about: ${title}`}>
        <svg viewBox="0 0 16 16" width="16" height="16" fill="currentColor" aria-hidden="true">
          <circle cx="3" cy="8" r="1.3" />
          <circle cx="8" cy="8" r="1.3" />
          <circle cx="13" cy="8" r="1.3" />
        </svg>
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={`More about: ${title}`}>
          <MenuItem className="menu-item" onAction={onExplain}>
            What am I looking at?
          </MenuItem>
          <MenuItem className="menu-item" onAction={fullScreen.toggle}>
            {fullScreen.isFull ? "Leave full screen" : "Full screen"}
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => void saveSvg()}>
            Save as SVG
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => void savePng()}>
            Save as PNG
          </MenuItem>
          <MenuItem className="menu-item" onAction={() => void saveCsv()}>
            Save data as CSV
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
