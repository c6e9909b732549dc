import { Guard } from "./Guard";
import { BitsByLayer } from "./lazy-charts";
import { PolicyTable } from "../policy/PolicyTable";

/** The table of all layers, and their bits against their cost. */
export default function LayersPanel() {
  return (
    <div className="layers-panel">
      <div className="table-scroll">
        <PolicyTable />
      </div>
      <div className="layers-bars">
        <Guard name="The bits of each layer">
          <BitsByLayer />
        </Guard>
      </div>
    </div>
  );
}
