/** Boxes as the nodes of the flow library. */
import type { Node, NodeProps, NodeTypes } from "@xyflow/react";
import type { PlacedBox } from "../../../core/network/layout";
import { BoxDrawing } from "./BoxDrawing";
import { layersOfBox, nameOfBox } from "./layers-of-box";

export type FlowNode = Node<{ readonly place: PlacedBox; readonly hasCells: boolean }, "box">;

/** A node; one that belongs to a layer can be pressed. */
export function flowNode(
  place: PlacedBox,
  hasCells: boolean,
  { selected, found }: { readonly selected: string | null; readonly found: string | null },
): FlowNode {
  const { box, x, y, width, height } = place;
  const layers = layersOfBox(box);
  const isSelected = selected !== null && layers.includes(selected);
  const isPressable = layers.length > 0;
  return {
    id: box.id,
    type: "box",
    position: { x, y },
    width,
    height,
    measured: { width, height },
    data: { place, hasCells },
    selected: isSelected,
    className: `${isPressable ? "pressable" : ""} ${box.id === found ? "found" : ""}`,
    focusable: isPressable,
    ...(isPressable && { ariaRole: "button", domAttributes: { "aria-pressed": isSelected } }),
  };
}

/** Its name is for assistive technology, and stays as it is: the bits of the box that has the focus are read below the drawing. */
const FlowBox = ({ data: { place, hasCells } }: NodeProps<FlowNode>) => (
  <>
    <span className="visually-hidden">{nameOfBox(place.box)}</span>
    <svg className="network-node" width={place.width} height={place.height} aria-hidden="true">
      <BoxDrawing place={place} hasCells={hasCells} />
    </svg>
  </>
);

export const NODE_TYPES: NodeTypes = { box: FlowBox };
