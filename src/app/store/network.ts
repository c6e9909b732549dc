/** How the network is shown: as it is, or with its quantizing vertices. */
import { create } from "zustand";

export const NETWORK_VIEWS = [
  { id: "plain", label: "Network" },
  { id: "quantized", label: "Quantized (QAG)" },
] as const;
export type NetworkViewId = (typeof NETWORK_VIEWS)[number]["id"];

interface NetworkViewState {
  readonly view: NetworkViewId;
  readonly show: (view: NetworkViewId) => void;
}

export const useNetworkView = create<NetworkViewState>()((set) => ({
  view: "plain",
  show: (view) => set({ view }),
}));
