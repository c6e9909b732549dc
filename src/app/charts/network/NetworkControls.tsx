import { useReactFlow, useStoreApi } from "@xyflow/react";
import { Button } from "react-aria-components/Button";
import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import type { NetworkLayout } from "../../../core/network/layout";
import { NETWORK_VIEWS, useNetworkView } from "../../store/network";
import { useSelection } from "../../store/selection";
import { layersOfBox } from "./layers-of-box";
import { NetworkFind } from "./NetworkFind";
import { moveMs } from "./use-viewport";
import { viewportAt, wholeViewport } from "./viewport";

interface Props {
  readonly layout: NetworkLayout;
  /** Called with the id of the box that was found. */
  readonly onFind: (id: string) => void;
}

/** Find a box, choose what is drawn, zoom. */
export function NetworkControls({ layout, onFind }: Props) {
  const flow = useReactFlow();
  const store = useStoreApi();
  const find = (id: string): void => {
    const place = layout.boxes.find(({ box }) => box.id === id);
    if (!place) return;
    const [layer] = layersOfBox(place.box);
    if (layer !== undefined) useSelection.getState().select(layer);
    void flow.setViewport(viewportAt(place, flow.getViewport(), store.getState()), { duration: moveMs() });
    onFind(id);
  };
  const move = { duration: moveMs() };
  return (
    <>
      <NetworkFind boxes={layout.boxes.map(({ box }) => box)} onFind={find} />
      <Views />
      <Button className="button chart-toggle" aria-label="Zoom out" onPress={() => void flow.zoomOut(move)}>
        &minus;
      </Button>
      <Button className="button chart-toggle" aria-label="Zoom in" onPress={() => void flow.zoomIn(move)}>
        +
      </Button>
      <Button
        className="button chart-toggle"
        onPress={() => void flow.setViewport(wholeViewport(layout, store.getState()), move)}
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
