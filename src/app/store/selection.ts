/** What is pointed at: one selected layer and one time cursor, shared by all charts and tables. */
import { create } from "zustand";

export interface Selection {
  /** Name of the selected layer. */
  readonly layer: string | null;
  readonly select: (layer: string | null) => void;
  /** Steps of the whole run under the pointer. */
  readonly hoverTime: number | null;
  readonly setHoverTime: (time: number | null) => void;
}

export const useSelection = create<Selection>()((set) => ({
  layer: null,
  select: (layer) => set({ layer }),
  hoverTime: null,
  setHoverTime: (hoverTime) => set({ hoverTime }),
}));
