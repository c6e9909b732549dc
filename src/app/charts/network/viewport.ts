/** Which part of a drawing is in sight. */
import type { Viewport } from "@xyflow/react";
import type { PlacedBox } from "../../../core/network/layout";
import { fittingZoom, type NetworkDrawing } from "../../../core/network/rows";
import type { Size } from "../frame/use-size";

/** Colours tell bits apart down to this zoom: a network that needs a smaller one starts at its beginning, where text can be read. */
const OVERVIEW_ZOOM = 0.45;
const READABLE_ZOOM = 0.75;
export const ZOOM = { min: 0.05, max: 2 } as const;
/** Pixels around what is in sight. */
const MARGIN = 12;

/** The room for a drawing inside its margins. */
export const roomIn = ({ width, height }: Size): Size => ({
  width: Math.max(1, width - 2 * MARGIN),
  height: Math.max(1, height - 2 * MARGIN),
});

/** Where a person starts to look: at all of it if it can be read so, else at its beginning. */
export function startViewport(drawn: Size, size: Size): Viewport {
  const whole = wholeViewport(drawn, size);
  return whole.zoom >= OVERVIEW_ZOOM ? whole : { x: MARGIN, y: MARGIN, zoom: READABLE_ZOOM };
}

/** All of it, in the middle. */
export function wholeViewport(drawn: Size, size: Size): Viewport {
  const zoom = Math.max(ZOOM.min, fittingZoom(drawn, roomIn(size)));
  return { x: (size.width - zoom * drawn.width) / 2, y: (size.height - zoom * drawn.height) / 2, zoom };
}

/** Whether a box is in sight. */
export function isInSight({ x, y, width, height }: PlacedBox, { x: dx, y: dy, zoom }: Viewport, size: Size): boolean {
  const [left, top] = [dx + zoom * x, dy + zoom * y];
  return left >= 0 && top >= 0 && left + zoom * width <= size.width && top + zoom * height <= size.height;
}

/** The box in the middle, no further away than it can be read. */
export function viewportAt({ x, y, width, height }: PlacedBox, before: Viewport, size: Size): Viewport {
  const zoom = Math.max(READABLE_ZOOM, before.zoom);
  return { x: size.width / 2 - zoom * (x + width / 2), y: size.height / 2 - zoom * (y + height / 2), zoom };
}

/** The box that stands for a layer: its operation. */
export const boxOfLayer = ({ boxes }: NetworkDrawing, layer: string | null): PlacedBox | undefined =>
  boxes.find(({ box }) => box.kind === "operation" && layer !== null && box.layers.includes(layer));
