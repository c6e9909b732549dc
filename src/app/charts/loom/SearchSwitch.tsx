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
      {searches.map(({ entry, index }) => (
        <ToggleButton key={index} id={String(index)} className="button chart-toggle">
          {entry.stage.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
