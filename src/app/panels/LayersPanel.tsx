import { PolicyTable } from "../policy/PolicyTable";

/** The table of all layers. */
export default function LayersPanel() {
  return (
    <div className="layers-panel">
      <div className="table-scroll">
        <PolicyTable />
      </div>
    </div>
  );
}
