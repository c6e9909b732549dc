import { useMemo } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import { shownSearch } from "../../../core/history";
import { showSearch, useHistory } from "../../store/run";

/** Chooses which of a run's searches the charts show. Nothing where there is one. */
export function SearchSwitch() {
  const { history, version } = useHistory();
  const searches = useMemo(
    () => history.stages.flatMap((entry, index) => (entry.stage.kind === "search" ? [{ entry, index }] : [])),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the history changes in place; the version says when.
    [history, version],
  );
  const shown = searches.find(({ entry }) => entry === shownSearch(history));
  if (searches.length < 2 || !shown) return null;
  return (
    <ToggleButtonGroup
      aria-label="Search that the charts show"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[String(shown.index)]}
      onSelectionChange={([key]) => {
        if (key !== undefined) showSearch(Number(key));
      }}
    >
      {searches.map(({ entry, index }, i) => (
        <ToggleButton key={index} id={String(index)} className="button chart-toggle">
          {labelOf(
            entry.stage.label,
            searches.slice(0, i).map((before) => before.entry.stage.label),
          )}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

/** A search that is made again from an edited policy has the name of the one before it, and a number. */
function labelOf(label: string, before: readonly string[]): string {
  const times = before.filter((other) => other === label).length;
  return times === 0 ? label : `${label} ${times + 1}`;
}
