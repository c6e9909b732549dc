import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from "react";
import { BackendBadge } from "./controls/BackendBadge";
import { Controls } from "./controls/Controls";
import { DropTarget } from "./controls/DropTarget";
import { IconButton } from "./controls/IconButton";
import { LinkButton } from "./controls/LinkButton";
import { Progress } from "./controls/Progress";
import { RunButtons } from "./controls/RunButtons";
import { ThemeSwitch } from "./controls/ThemeSwitch";
import { useRunActions } from "./controls/run-actions";
import { useShortcuts } from "./controls/shortcuts";
import { Announcer } from "./panels/Announcer";
import { Banner } from "./panels/Banner";
import { BottomPanel } from "./panels/BottomPanel";
import { Guard } from "./panels/Guard";
import { PolicyActions } from "./policy/PolicyActions";
import { Title } from "./panels/Title";
import { AccuracyChart, ChosenLayer, CostGauge, Loom, LossChart, TradeOff } from "./panels/lazy-charts";
import { useRun, useSpace } from "./store/run";
import { useSelection } from "./store/selection";

const HelpDialog = lazy(() => import("./controls/HelpDialog"));

/** The page: header, settings, the search, its cost and its result, details. */
export function App() {
  const [help, setHelp] = useState(false);
  const [exporting, setExporting] = useState(false);
  const openHelp = useCallback(() => setHelp(true), []);
  const openExport = useCallback(() => setExporting(true), []);
  return (
    <div className="page">
      <header className="header">
        <Title />
        <RunButtons />
        <Progress />
        <div className="header-end">
          <BackendBadge />
          <LinkButton />
          <IconButton icon="help" label="Keyboard shortcuts" hint="Keyboard shortcuts (?)" onPress={openHelp} />
          <ThemeSwitch />
        </div>
      </header>
      <Followers openHelp={openHelp} openExport={openExport} />
      <Banner />
      <Controls />
      <main className="middle" aria-label="Search">
        <Cell name="The chart of all layers">
          <Loom />
        </Cell>
        <Cell name="The chosen layer">
          <ShownLayer />
        </Cell>
      </main>
      <aside className="right" aria-label="Cost and result">
        <Cell name="The cost">
          <CostGauge />
        </Cell>
        <Cell name="The loss chart">
          <LossChart />
        </Cell>
        <Cell name="The accuracy chart">
          <AccuracyChart />
        </Cell>
        <Cell name="The trade-off chart">
          <TradeOff />
        </Cell>
        <PolicyActions isExportOpen={exporting} onExportOpenChange={setExporting} />
      </aside>
      <BottomPanel />
      <DropTarget />
      <Announcer />
      <Suspense>{help && <HelpDialog isOpen onOpenChange={setHelp} />}</Suspense>
    </div>
  );
}

/** Follows the tensors by itself: they come every second, and the page around them stays as it is. */
const ShownLayer = () => <ChosenLayer view={useRun((state) => state.view)} />;

/** A place of the grid. Its size is the grid's, so that nothing moves when the chart arrives. */
function Cell({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="cell">
      <Guard name={name}>{children}</Guard>
    </div>
  );
}

/** What follows the run and the settings but draws nothing: inside the page it would draw all of it at every change. */
function Followers(dialogs: { readonly openHelp: () => void; readonly openExport: () => void }) {
  useShortcuts(useRunActions(), dialogs);
  useSelectedLayer();
  return null;
}

/** Some layer is always selected: the first searched one of a network that lacks the selected one. */
function useSelectedLayer(): void {
  const space = useSpace();
  useEffect(() => {
    const { layer, select } = useSelection.getState();
    if (space && !space.layers.some(({ name }) => name === layer)) select(space.searched[0]?.name ?? null);
  }, [space]);
}
