import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { BackendBadge } from "./controls/BackendBadge";
import { Controls } from "./controls/Controls";
import { DropTarget } from "./controls/DropTarget";
import { IconButton } from "./controls/IconButton";
import { Progress } from "./controls/Progress";
import { RunButtons } from "./controls/RunButtons";
import { ThemeSwitch } from "./controls/ThemeSwitch";
import { useRunActions } from "./controls/run-actions";
import { useShortcuts } from "./controls/shortcuts";
import { Announcer } from "./panels/Announcer";
import { Banner } from "./panels/Banner";
import { BottomPanel } from "./panels/BottomPanel";
import { PolicyActions } from "./policy/PolicyActions";
import { Title } from "./panels/Title";
import { useSelection } from "./store/selection";
import { useSpace } from "./store/settings";

const HelpDialog = lazy(() => import("./controls/HelpDialog"));

/** The page: header, settings, the search, its cost and its result, details. */
export function App() {
  const [help, setHelp] = useState(false);
  const [exporting, setExporting] = useState(false);
  const openHelp = useCallback(() => setHelp(true), []);
  const openExport = useCallback(() => setExporting(true), []);
  useShortcuts(useRunActions(), { openHelp, openExport });
  useSelectedLayer();
  return (
    <div className="page">
      <header className="header">
        <Title />
        <RunButtons />
        <Progress />
        <div className="header-end">
          <BackendBadge />
          <IconButton icon="help" label="Keyboard shortcuts" hint="Keyboard shortcuts (?)" onPress={openHelp} />
          <ThemeSwitch />
        </div>
      </header>
      <Banner />
      <Controls />
      <main className="middle" aria-label="Search">
        <div className="cell loom" />
        <div className="cell chosen" />
      </main>
      <aside className="right" aria-label="Cost and result">
        <div className="cell gauge" />
        <div className="cell losses" />
        <div className="cell tradeoff" />
        <PolicyActions isExportOpen={exporting} onExportOpenChange={setExporting} />
      </aside>
      <BottomPanel />
      <DropTarget />
      <Announcer />
      <Suspense>{help && <HelpDialog isOpen onOpenChange={setHelp} />}</Suspense>
    </div>
  );
}

/** Some layer is always selected: the first searched one of a network that lacks the selected one. */
function useSelectedLayer(): void {
  const space = useSpace();
  useEffect(() => {
    const { layer, select } = useSelection.getState();
    if (space && !space.layers.some(({ name }) => name === layer)) select(space.searched[0]?.name ?? null);
  }, [space]);
}
