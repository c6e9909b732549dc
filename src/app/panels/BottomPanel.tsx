import { Tab, TabList, TabPanel, Tabs } from "react-aria-components/Tabs";
import { Button } from "react-aria-components/Button";
import { Icon } from "../controls/Icon";
import { meterGroups } from "../charts/meters/meter-series";
import { useMeters } from "../charts/meters/use-meters";
import { Guard } from "./Guard";
import { lazily } from "./lazily";
import { TABS, useDock, type TabId } from "../store/dock";

/** Details are loaded after what is always in sight. */
const LayersPanel = lazily(() => import("./LayersPanel"));
const NetworkPanel = lazily(() => import("./NetworkPanel"));
const SamplesPanel = lazily(() => import("./SamplesPanel"));
const ResultsPanel = lazily(() => import("./ResultsPanel"));
const MetersPanel = lazily(() => import("./MetersPanel"));
const LabPanel = lazily(() => import("./LabPanel"));
const LogPanel = lazily(() => import("./LogPanel"));

const PANELS: Readonly<Record<TabId, typeof LayersPanel>> = {
  layers: LayersPanel,
  network: NetworkPanel,
  samples: SamplesPanel,
  results: ResultsPanel,
  lab: LabPanel,
  log: LogPanel,
  meters: MetersPanel,
};

interface ShownTab {
  readonly id: TabId;
  readonly label: string;
}

/** All tabs that have something to show: the last one only for a search that measures quantities of its own. */
function useTabs(): readonly ShownTab[] {
  const meters = useMeters();
  return TABS.flatMap(({ id, label }): readonly ShownTab[] => {
    if (id !== "meters") return [{ id, label }];
    const titles = meterGroups(meters).map(({ title }, i) => (i === 0 ? title : title.toLowerCase()));
    return titles.length === 0 ? [] : [{ id, label: titles.join(" and ") }];
  });
}

/** Tabs along the bottom edge. Their panel opens above the edge and can be closed; the tabs stay. */
export function BottomPanel() {
  const { tab, open, show, toggle } = useDock();
  const tabs = useTabs();
  return (
    <section className="dock-area" aria-label="Details">
      <Tabs
        className={`dock ${open ? "dock-open" : ""}`}
        selectedKey={tabs.some(({ id }) => id === tab) ? tab : TABS[0].id}
        onSelectionChange={(key) => {
          const chosen = TABS.find(({ id }) => id === key);
          if (chosen && chosen.id !== tab) show(chosen.id);
        }}
      >
        <div className="dock-strip">
          <TabList className="dock-tabs" aria-label="Details tabs">
            {tabs.map(({ id, label }) => (
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
        {tabs.map(({ id, label }) => {
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
