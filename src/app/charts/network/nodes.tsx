/** Boxes as the nodes of the flow library. */
import { use } from "react";
import type { Node, NodeProps, NodeTypes } from "@xyflow/react";
import type { Box, OperationBox } from "../../../core/network/boxes";
import type { PlacedBox } from "../../../core/network/layout";
import { ROLES, siteId, siteParts } from "../../../core/search";
import { BoxDrawing } from "./BoxDrawing";
import { layersOfBox, nameOfBox } from "./layers-of-box";
import { NetworkContext } from "./state";

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

const FlowBox = ({ data: { place, hasCells } }: NodeProps<FlowNode>) => (
  <>
    <span className="visually-hidden">
      <BoxWords box={place.box} />
    </span>
    <svg className="network-node" width={place.width} height={place.height} aria-hidden="true">
      <BoxDrawing place={place} hasCells={hasCells} />
    </svg>
  </>
);

/** What a box is called by assistive technology: what it is, and its bits now. */
function BoxWords({ box }: { readonly box: Box }) {
  const { looks } = use(NetworkContext);
  const sites = box.kind === "quantizer" ? [box.site] : box.kind === "operation" ? sitesOf(box) : [];
  const words = sites.map((site) => `${siteParts(site).role}s ${looks.get(site)?.words ?? ""}`);
  return [nameOfBox(box), ...(box.kind === "operation" ? [box.type] : []), ...words].join(", ");
}

const sitesOf = ({ layers }: OperationBox): readonly string[] =>
  layers.flatMap((layer) => ROLES.map((role) => siteId(layer, role)));

export const NODE_TYPES: NodeTypes = { box: FlowBox };
