import { memo, useMemo, type FocusEvent, type KeyboardEvent } from "react";
import { ReactFlow, useReactFlow, ViewportPortal } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import type { PlacedBox } from "../../../core/network/layout";
import type { NetworkDrawing } from "../../../core/network/rows";
import { useSelection } from "../../store/selection";
import type { Size } from "../frame/use-size";
import { NetworkHatching } from "./BoxDrawing";
import { layersOfBox } from "./layers-of-box";
import { Lines } from "./Lines";
import { flowNode, NODE_TYPES, type FlowNode } from "./nodes";
import { useViewport } from "./use-viewport";
import { isInSight, startViewport, viewportAt, ZOOM } from "./viewport";

interface Props {
  readonly drawing: NetworkDrawing;
  /** Of the place for it, which it fills. */
  readonly size: Size;
  /** Whether layers show their bits inside. */
  readonly hasCells: boolean;
  /** Id of the box that was searched for last. */
  readonly found: string | null;
  /** Called with the id of the box under the pointer or with the focus, null for none. */
  readonly onPoint: (id: string | null) => void;
}

/** The drawing: pan, zoom, press a layer. */
export const NetworkGraph = memo(function NetworkGraph({ drawing, size, hasCells, found, onPoint }: Props) {
  const flow = useReactFlow();
  const selected = useSelection((state) => state.layer);
  const nodes = useMemo(
    () => drawing.boxes.map((place) => flowNode(place, hasCells, { selected, found })),
    [drawing, hasCells, selected, found],
  );
  useViewport(drawing, size);
  const onKeyDown = (event: KeyboardEvent): void => {
    const place = placeOf(drawing, event.target);
    if (!place || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    press(place);
  };
  const onFocus = ({ target }: FocusEvent): void => {
    const place = placeOf(drawing, target);
    onPoint(place?.box.id ?? null);
    // What follows a box at the edge is not rendered yet and could not be reached by the next Tab.
    if (place && target.matches(":focus-visible") && !isInSight(place, flow.getViewport(), size)) {
      void flow.setViewport(viewportAt(place, flow.getViewport(), size));
    }
  };
  return (
    <div className="network-flow" onKeyDown={onKeyDown} onFocus={onFocus} onBlur={() => onPoint(null)}>
      <ReactFlow<FlowNode>
        aria-label="Graph"
        nodes={nodes}
        nodeTypes={NODE_TYPES}
        defaultViewport={startViewport(drawing, size)}
        minZoom={ZOOM.min}
        maxZoom={ZOOM.max}
        onNodeClick={(_, { data }) => press(data.place)}
        onNodeMouseEnter={(_, { id }) => onPoint(id)}
        onNodeMouseLeave={() => onPoint(null)}
        ariaLabelConfig={HINTS}
        {...LOOK_ONLY}
      >
        <ViewportPortal>
          <svg className="network-lines" width={drawing.width} height={drawing.height} aria-hidden="true">
            <NetworkHatching />
            <Lines lines={drawing.lines} />
          </svg>
        </ViewportPortal>
      </ReactFlow>
    </div>
  );
});

const HINTS = { "node.a11yDescription.default": "Press Enter or Space to select the layer." };

/** The network is looked at here, not changed; Space belongs to the page. */
const LOOK_ONLY = {
  onlyRenderVisibleElements: true,
  nodesDraggable: false,
  nodesConnectable: false,
  elementsSelectable: false,
  zoomOnDoubleClick: false,
  autoPanOnNodeFocus: false,
  deleteKeyCode: null,
  selectionKeyCode: null,
  multiSelectionKeyCode: null,
  panActivationKeyCode: null,
} as const;

/** The box that an element belongs to. */
function placeOf({ boxes }: NetworkDrawing, target: EventTarget): PlacedBox | undefined {
  const id = target instanceof Element ? target.closest<HTMLElement>(".react-flow__node")?.dataset["id"] : undefined;
  return boxes.find(({ box }) => box.id === id);
}

/** Selects a box's layer everywhere. */
function press({ box }: PlacedBox): void {
  const { layer, select } = useSelection.getState();
  const layers = layersOfBox(box);
  const [first] = layers;
  // Another gate of the same LSTM may be the selected one already.
  if (first !== undefined && (layer === null || !layers.includes(layer))) select(first);
}
