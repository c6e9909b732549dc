import { useEffect } from "react";
import { useReactFlow } from "@xyflow/react";
import { useSelection } from "../../store/selection";
import type { Size } from "../frame/use-size";
import type { ShownLayout } from "./use-network-layout";
import { boxOfLayer, isInSight, startViewport, viewportAt } from "./viewport";

/** How long the drawing moves to what was selected elsewhere, where people do not mind movement. */
const MOVE_MS = 250;

export const moveMs = (): number => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : MOVE_MS);

/** Begins at the start of a network whenever it is another drawing or its place changes size, and follows the selected layer. */
export function useViewport({ layout, view }: ShownLayout, size: Size): void {
  const flow = useReactFlow();
  const selected = useSelection((state) => state.layer);
  const { width, height } = layout;
  useEffect(() => {
    void flow.setViewport(startViewport({ width, height }, size));
  }, [flow, width, height, size, view]);
  useEffect(() => {
    const place = boxOfLayer(layout, selected);
    const now = flow.getViewport();
    if (place && !isInSight(place, now, size)) void flow.setViewport(viewportAt(place, now, size), { duration: moveMs() });
  }, [flow, layout, selected, size, view]);
}
