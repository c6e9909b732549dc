import { useState } from "react";
import { Guard } from "./Guard";
import { BitsByLayer } from "./lazy-charts";
import { EditBar } from "../policy/EditBar";
import { PolicyTable } from "../policy/PolicyTable";
import { useEditable } from "../policy/use-editable";

/** The table of all layers, and their bits against their cost. */
export default function LayersPanel() {
  const editable = useEditable();
  const [wantsToEdit, setWantsToEdit] = useState(false);
  const isEditing = wantsToEdit && editable !== null && editable.refusal === null;
  return (
    <div className="layers-panel">
      <div className="layers-table">
        {editable && <EditBar {...{ editable, isEditing }} onEditingChange={setWantsToEdit} />}
        <div className="table-scroll">
          <PolicyTable isEditing={isEditing} />
        </div>
      </div>
      <div className="layers-bars">
        <Guard name="The bits of each layer">
          <BitsByLayer />
        </Guard>
      </div>
    </div>
  );
}
