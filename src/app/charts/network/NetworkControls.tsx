import { useReactFlow, useStoreApi } from "@xyflow/react";
import { Button } from "react-aria-components/Button";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import type { NetworkDrawing } from "../../../core/network/rows";
import { NETWORK_VIEWS, useNetworkView } from "../../store/network";
import { useSelection } from "../../store/selection";
import { layersOfBox } from "./layers-of-box";
import { NetworkFind } from "./NetworkFind";
import { moveMs } from "./use-viewport";
import { viewportAt, wholeViewport } from "./viewport";

interface Props {
  readonly drawing: NetworkDrawing;
  /** Called with the id of the box that was found. */
  readonly onFind: (id: string) => void;
}

/** Find a box, choose what is drawn, zoom. */
export function NetworkControls({ drawing, onFind }: Props) {
  const flow = useReactFlow();
  const store = useStoreApi();
  const find = (id: string): void => {
    const place = drawing.boxes.find(({ box }) => box.id === id);
    if (!place) return;
    const [layer] = layersOfBox(place.box);
    if (layer !== undefined) useSelection.getState().select(layer);
    void flow.setViewport(viewportAt(place, flow.getViewport(), store.getState()), { duration: moveMs() });
    onFind(id);
  };
  const move = { duration: moveMs() };
  return (
    <>
      <NetworkFind boxes={drawing.boxes.map(({ box }) => box)} onFind={find} />
      <Views />
      <Button className="button chart-toggle" aria-label="Zoom out" onPress={() => void flow.zoomOut(move)}>
        &minus;
      </Button>
      <Button className="button chart-toggle" aria-label="Zoom in" onPress={() => void flow.zoomIn(move)}>
        +
      </Button>
      <Button
        className="button chart-toggle"
        onPress={() => void flow.setViewport(wholeViewport(drawing, store.getState()), move)}
      >
        Fit
      </Button>
    </>
  );
}

function Views() {
  const { view, show } = useNetworkView();
  return (
    <ToggleButtonGroup
      aria-label="What is drawn"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[view]}
      onSelectionChange={([key]) => {
        const chosen = NETWORK_VIEWS.find(({ id }) => id === key);
        if (chosen) show(chosen.id);
      }}
    >
      {NETWORK_VIEWS.map(({ id, label }) => (
        <ToggleButton key={id} id={id} className="button chart-toggle">
          {label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
