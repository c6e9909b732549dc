import { useEffect } from "react";
import { useReactFlow } from "@xyflow/react";
import { useSelection } from "../../store/selection";
import type { NetworkDrawing } from "../../../core/network/rows";
import type { Size } from "../frame/use-size";
import { boxOfLayer, isInSight, startViewport, viewportAt } from "./viewport";

/** How long the drawing moves to what was selected elsewhere, where people do not mind movement. */
const MOVE_MS = 250;

export const moveMs = (): number => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : MOVE_MS);

/** Begins at the start of a network whenever it is another drawing or its place changes size, and follows the selected layer. */
export function useViewport(drawing: NetworkDrawing, size: Size): void {
  const flow = useReactFlow();
  const selected = useSelection((state) => state.layer);
  const { width, height } = drawing;
  useEffect(() => {
    void flow.setViewport(startViewport({ width, height }, size));
  }, [flow, width, height, size]);
  useEffect(() => {
    const place = boxOfLayer(drawing, selected);
    const now = flow.getViewport();
    if (place && !isInSight(place, now, size)) void flow.setViewport(viewportAt(place, now, size), { duration: moveMs() });
  }, [flow, drawing, selected, size]);
}
