/** The tabs at the bottom: which one, and whether their panel is open. */
import { create } from "zustand";

export const TABS = [
  { id: "layers", label: "Layers" },
  { id: "network", label: "Network" },
  { id: "samples", label: "Samples" },
  { id: "results", label: "Results" },
  { id: "lab", label: "Quantizer lab" },
  { id: "log", label: "Log" },
  // Last, because only methods with quantities of their own have it; the page calls it by what they are.
  { id: "meters", label: "Measured" },
] as const;
export type TabId = (typeof TABS)[number]["id"];

/** Below this height an open panel would squeeze the charts: it starts closed, its tabs stay in sight. */
const OPEN_FROM_HEIGHT = 860;

interface DockState {
  readonly tab: TabId;
  readonly open: boolean;
  readonly show: (tab: TabId) => void;
  readonly toggle: () => void;
}

export const useDock = create<DockState>()((set) => ({
  tab: "layers",
  open: globalThis.innerHeight >= OPEN_FROM_HEIGHT,
  show: (tab) => set({ tab, open: true }),
  toggle: () => set(({ open }) => ({ open: !open })),
}));
