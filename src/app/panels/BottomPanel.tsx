import { lazy } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import { Button } from "react-aria-components/Button";
import { Icon } from "../controls/Icon";
import { Guard } from "./Guard";
import { TABS, useDock, type TabId } from "../store/dock";

/** The table library is a third of the page's script: the charts come first. */
const LayersPanel = lazy(() => import("./LayersPanel"));
const SamplesPanel = lazy(() => import("./SamplesPanel"));
const ResultsPanel = lazy(() => import("./ResultsPanel"));
const LogPanel = lazy(() => import("./LogPanel"));

const PANELS: Readonly<Record<TabId, typeof LayersPanel>> = {
  layers: LayersPanel,
  samples: SamplesPanel,
  results: ResultsPanel,
  log: LogPanel,
};

/** Tabs along the bottom edge. Their panel opens above the edge and can be closed; the tabs stay. */
export function BottomPanel() {
  const { tab, open, show, toggle } = useDock();
  return (
    <section className="dock-area" aria-label="Details">
      <Tabs
        className={`dock ${open ? "dock-open" : ""}`}
        selectedKey={tab}
        onSelectionChange={(key) => {
          const chosen = TABS.find(({ id }) => id === key);
          if (chosen && chosen.id !== tab) show(chosen.id);
        }}
      >
        <div className="dock-strip">
          <TabList className="dock-tabs" aria-label="Details tabs">
            {TABS.map(({ id, label }) => (
              <Tab key={id} id={id} className="dock-tab" onPress={() => show(id)}>
                {label}
              </Tab>
            ))}
          </TabList>
          <Button className="button quiet" onPress={toggle} aria-expanded={open}>
            <Icon name={open ? "menu" : "up"} />
            {open ? "Hide details" : "Show details"}
          </Button>
        </div>
        {TABS.map(({ id, label }) => {
          const Panel = PANELS[id];
          return (
            <TabPanel key={id} id={id} className="dock-panel">
              {open && (
                <Guard name={label}>
                  <Panel />
                </Guard>
              )}
            </TabPanel>
          );
        })}
      </Tabs>
    </section>
  );
}
