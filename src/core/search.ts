/** The words that everything else speaks: sites, candidates, choices. */
import { ownerOf, type Layer } from "./layers";

/** Which of a layer's two quantized tensors. */
export type Role = "weight" | "activation";
export const ROLES: readonly Role[] = ["weight", "activation"];

/** A bit-width, or one for each kernel: for each output channel of a weight, each input channel of an activation. */
export type Bits = number | readonly number[];

/** The width, or the mean over the kernels, which all have equally many elements. */
export const meanBits = (bits: Bits): number =>
  typeof bits === "number" ? bits : bits.reduce((sum, width) => sum + width, 0) / bits.length;

/** What a quantizer may do to one tensor: a quantizer scheme at a bit-width. */
export interface Candidate {
  readonly bits: number;
  /** Id of a quantizer in `engine/quantizers`. */
  readonly scheme: string;
}

/** Whether schemes compete, and not bit-widths of one scheme. */
export const competingSchemes = (candidates: readonly Candidate[]): boolean =>
  candidates.some(({ scheme }) => scheme !== candidates[0]?.scheme);

/** One quantizing vertex: the weight or the input activation of one searched layer, with the candidates it chooses from. */
export interface Site {
  /** "layer1.0.conv1/weight" */
  readonly id: string;
  readonly layer: Layer;
  readonly role: Role;
  readonly candidates: readonly Candidate[];
  /** Kernels with a width of their own; 1 where the tensor has one width. */
  readonly kernels: number;
  /** Whether a convention of the method fixes it to its one candidate, such as the first layer's 8 bits. */
  readonly pinned: boolean;
}

/** What was decided for a site. */
export interface Choice {
  readonly site: string;
  readonly bits: Bits;
  readonly scheme: string;
}

/** How the page and the command line show which layers are searched. */
export interface SearchSpace {
  /** All costly layers in network order. */
  readonly layers: readonly Layer[];
  /** Those that are searched: by default all but the ends. */
  readonly searched: readonly Layer[];
  /** Two sites for each searched layer: sites[2 i] its weight, sites[2 i + 1] its activation. */
  readonly sites: readonly Site[];
}

/** What a search method makes of one tensor. */
export type SiteRule = (role: Role, layer: Layer) => Pick<Site, "candidates" | "kernels" | "pinned">;

/** One width for each tensor, from one list for each role. */
export const sameCandidates =
  (candidates: (role: Role) => readonly Candidate[]): SiteRule =>
  (role) => ({ candidates: candidates(role), kernels: 1, pinned: false });

/** The search space of a network's layers, all of them or all but the ends. */
export const searchSpace = (
  layers: readonly Layer[],
  options: { readonly includeEnds: boolean; readonly site: SiteRule },
): SearchSpace => spaceOf(layers, options.includeEnds ? layers : layers.filter(({ end }) => end === null), options.site);

/** The search space of the chosen layers. Throws a RangeError with a sentence if no layer would be searched. */
export function spaceOf(layers: readonly Layer[], searched: readonly Layer[], site: SiteRule): SearchSpace {
  if (searched.length === 0) {
    throw new RangeError(
      "This network has no layer to search: include its first and last one, exclude fewer, or choose a deeper network.",
    );
  }
  const sites = searched.flatMap((layer) =>
    ROLES.map((role) => ({ id: siteId(layer.name, role), layer, role, ...site(role, layer) })),
  );
  return { layers, searched, sites };
}

/**
 * For each searched layer the place, among those layers, of the one at which its tensor of a role is quantized; null where each has one of
 * its own.
 */
export function ownerPlaces({ searched }: SearchSpace, role: Role): readonly number[] | null {
  const places = searched.map((layer) => searched.findIndex(({ name }) => name === ownerOf(layer, role)));
  return places.every((place, i) => place === i) ? null : places;
}

/** The choices with one for each tensor that is quantized once: a layer that shares a tensor has that of the layer it shares it with. */
export function withSharedTensors<C extends Choice>(space: SearchSpace, choices: readonly C[]): readonly C[] {
  if (ROLES.every((role) => ownerPlaces(space, role) === null)) return choices;
  const bySite = new Map(choices.map((choice) => [choice.site, choice]));
  const owners = new Map(
    space.searched.flatMap((layer) => ROLES.map((role) => [siteId(layer.name, role), siteId(ownerOf(layer, role), role)])),
  );
  return choices.map((choice) => ({ ...(bySite.get(owners.get(choice.site) ?? choice.site) ?? choice), site: choice.site }));
}

/** The candidates that all sites of a role share, except pinned ones. */
export const sharedCandidates = ({ sites }: SearchSpace, role: Role): readonly Candidate[] =>
  (sites.find((site) => site.role === role && !site.pinned) ?? sites.find((site) => site.role === role))?.candidates ?? [];

/** Columns of a role's matrix of probabilities: a row's site may have fewer candidates, which then are its first columns. */
export const candidateColumns = ({ sites }: SearchSpace, role: Role): number =>
  Math.max(...sites.filter((site) => site.role === role).map(({ candidates }) => candidates.length));

export const siteId = (layer: string, role: Role): string => `${layer}/${role}`;

/** Layer and role of a site. */
export function siteParts(id: string): { readonly layer: string; readonly role: Role } {
  const at = id.lastIndexOf("/");
  return { layer: id.slice(0, at), role: id.slice(at + 1) as Role };
}

/** Whether schemes compete for any tensor. */
export const hasSchemes = ({ sites }: SearchSpace): boolean => sites.some(({ candidates }) => competingSchemes(candidates));
