/** What the quantizer lab looks at. */
import { create } from "zustand";
import { DISTRIBUTIONS } from "../../core/distributions";
import type { LabRequest, LabView } from "../../core/views";
import type { Role } from "../../core/search";

/** Stands for the chosen layer among the distributions. */
export const CHOSEN_LAYER = "layer";

interface LabState {
  /** Id of a distribution, or `CHOSEN_LAYER`. */
  readonly source: string;
  readonly role: Role;
  readonly bits: number;
  /** Id of the quantizer whose staircase is shown; one that is not there means the searched one, else the first. */
  readonly quantizer: string;
  readonly view: LabView | null;
  /** What is wrong with the request. */
  readonly problem: string | null;
}

export const useLab = create<LabState>()(() => ({
  source: DISTRIBUTIONS[0]?.id ?? CHOSEN_LAYER,
  role: "weight",
  bits: 3,
  quantizer: "",
  view: null,
  problem: null,
}));

/** The question to the worker; null while no layer is chosen. */
export function labRequest({ source, role, bits }: LabState, layer: string | null): LabRequest | null {
  if (source !== CHOSEN_LAYER) return { source: { type: "distribution", id: source }, role, bits };
  return layer === null ? null : { source: { type: "layer", layer }, role, bits };
}
