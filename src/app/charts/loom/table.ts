import { KNOBS, type Knobs } from "../../../core/config";
import type { History } from "../../../core/history";
import type { SearchSpace } from "../../../core/search";
import type { ChartTable } from "../frame/chart-table";
import { relaxedPoints } from "../time-axis";

/** Expected bits of all searched layers at every kept snapshot. */
export function loomTable(history: History, space: SearchSpace): ChartTable {
  return {
    columns: ["step", ...Object.keys(KNOBS), ...space.sites.map(({ id }) => `${id} expected bits`)],
    rows: relaxedPoints(history).map(({ time, snapshot }) => [
      time,
      ...(Object.keys(KNOBS) as (keyof Knobs)[]).map((knob) => snapshot.knobs[knob]),
      ...(snapshot.relaxed?.bits ?? []),
    ]),
  };
}
