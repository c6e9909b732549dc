/** The words that everything else speaks: sites, candidates, choices. */
import type { Layer } from "./layers";

/** Which of a layer's two quantized tensors. */
export type Role = "weight" | "activation";
export const ROLES: readonly Role[] = ["weight", "activation"];

/** What a quantizer may do to one tensor: a quantizer scheme at a bit-width. */
export interface Candidate {
  readonly bits: number;
  /** Id of a quantizer in `engine/quantizers`. */
  readonly scheme: string;
}

/** One quantizing vertex: the weight or the input activation of one searched layer, with the candidates it chooses from. */
export interface Site {
  /** "layer1.0.conv1/weight" */
  readonly id: string;
  readonly layer: Layer;
  readonly role: Role;
  readonly candidates: readonly Candidate[];
}

/** What was decided for a site. */
export interface Choice extends Candidate {
  readonly site: string;
}

/** How the page and the command line show which layers are searched. */
export interface SearchSpace {
  /** All costly layers in network order. */
  readonly layers: readonly Layer[];
  /** Those that are searched: by default all but the first and the last. */
  readonly searched: readonly Layer[];
  /** Two sites for each searched layer: sites[2 i] its weight, sites[2 i + 1] its activation. */
  readonly sites: readonly Site[];
}

/** The search space of a network. Throws a RangeError with a sentence if no layer would be searched. */
export function searchSpace(
  layers: readonly Layer[],
  options: { readonly includeEnds: boolean; readonly candidates: (role: Role) => readonly Candidate[] },
): SearchSpace {
  const searched = options.includeEnds ? layers : layers.slice(1, -1);
  if (searched.length === 0) {
    throw new RangeError(
      "This network has no layer between its first and its last one: include those, or choose a deeper network.",
    );
  }
  const sites = searched.flatMap((layer) =>
    ROLES.map((role) => ({ id: `${layer.name}/${role}`, layer, role, candidates: options.candidates(role) })),
  );
  return { layers, searched, sites };
}
