import { useMemo } from "react";
import { meterGroups } from "../charts/meters/meter-series";
import { useMeters } from "../charts/meters/use-meters";
import { useSpace } from "../store/run";
import { Guard } from "./Guard";
import { MeterChart } from "./lazy-charts";

/** What the method measures besides bits and loss: a chart for each group. */
export default function MetersPanel() {
  const meters = useMeters();
  const space = useSpace();
  const groups = useMemo(() => meterGroups(meters), [meters]);
  const layers = useMemo(() => space?.searched.map(({ name }) => name) ?? [], [space]);
  return (
    <div className="meters-panel">
      {groups.map((group) => (
        <div className="meter-cell" key={group.id}>
          <Guard name={group.title}>
            <MeterChart group={group} layers={layers} />
          </Guard>
        </div>
      ))}
    </div>
  );
}
