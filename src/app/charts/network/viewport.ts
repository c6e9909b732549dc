/** Which part of a layout is in sight. */
import type { Viewport } from "@xyflow/react";
import type { PlacedBox, NetworkLayout } from "../../../core/network/layout";
import type { Size } from "../frame/use-size";

/** Text is hard to read below this zoom: a longer network starts at its beginning instead. */
const READABLE_ZOOM = 0.7;
export const ZOOM = { min: 0.05, max: 2 } as const;
/** Pixels around what is in sight. */
const MARGIN = 12;

/** Where a person starts to look: at all of it if it can be read so, else at its beginning. */
export function startViewport(layout: Size, size: Size): Viewport {
  const whole = wholeViewport(layout, size);
  if (whole.zoom >= READABLE_ZOOM) return whole;
  const zoom = Math.max(READABLE_ZOOM, Math.min(1, (size.height - 2 * MARGIN) / layout.height));
  return { x: MARGIN, y: (size.height - zoom * layout.height) / 2, zoom };
}

/** All of it, in the middle. */
export function wholeViewport({ width, height }: Size, size: Size): Viewport {
  const fitting = Math.min((size.width - 2 * MARGIN) / width, (size.height - 2 * MARGIN) / height, 1);
  const zoom = Math.max(ZOOM.min, fitting);
  return { x: (size.width - zoom * width) / 2, y: (size.height - zoom * height) / 2, zoom };
}

/** Whether a box is in sight, with a little room around it. */
export function isInSight({ x, y, width, height }: PlacedBox, viewport: Viewport, size: Size): boolean {
  const { zoom } = viewport;
  const [left, top] = [viewport.x + zoom * x, viewport.y + zoom * y];
  return left >= 0 && top >= 0 && left + zoom * width <= size.width && top + zoom * height <= size.height;
}

/** The box in the middle, no further away than it can be read. */
export function viewportAt({ x, y, width, height }: PlacedBox, before: Viewport, size: Size): Viewport {
  const zoom = Math.max(READABLE_ZOOM, before.zoom);
  return { x: size.width / 2 - zoom * (x + width / 2), y: size.height / 2 - zoom * (y + height / 2), zoom };
}

/** The box that stands for a layer: its operation. */
export const boxOfLayer = ({ boxes }: NetworkLayout, layer: string | null): PlacedBox | undefined =>
  boxes.find(({ box }) => box.kind === "operation" && layer !== null && box.layers.includes(layer));
