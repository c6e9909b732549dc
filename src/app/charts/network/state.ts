/** The bits of a network now, as its drawing shows them: of the policy, or expected ones while a search has none or moves on from it. */
import { createContext } from "react";
import type { SchemeInfo } from "../../../core/catalog";
import { costTotals, layerBitOps, type LayerBits } from "../../../core/cost";
import { isMoving, searchPoints, standingPolicy, type History } from "../../../core/history";
import type { Layer } from "../../../core/layers";
import { hasSchemes, ROLES, siteId, type SearchSpace } from "../../../core/search";
import { favourites } from "../loom/model";
import { bitsLook, FLOAT, schemesLook, UNKNOWN, type SiteLook } from "./site-look";

export interface NetworkState {
  /** Looks of both tensors of each costly layer, by the site's id. */
  readonly looks: ReadonlyMap<string, SiteLook>;
  /** Share of a layer, by its name, in the searched layers' BitOps, 0..1; nothing where it is not known or not counted. */
  readonly shares: ReadonlyMap<string, number>;
}

/** What the patches of the drawing take their looks from: it changes several times a second, the drawing around them does not. */
export const NetworkContext = createContext<NetworkState>({ looks: new Map(), shares: new Map() });

/** The state now. */
export function networkState(space: SearchSpace, history: History, schemes: readonly SchemeInfo[]): NetworkState {
  const bits = space.searched.map(standingPolicy(history) ? policyBits(history) : expectedBits(space, history));
  const looks = new Map(space.layers.flatMap(({ name }) => ROLES.map((role) => [siteId(name, role), FLOAT] as const)));
  const lookOf = siteLooks(space, history, schemes);
  space.searched.forEach(({ name }, i) =>
    ROLES.forEach((role, r) => {
      const own = bits[i];
      looks.set(siteId(name, role), own ? lookOf(own, 2 * i + r) : UNKNOWN);
    }),
  );
  return { looks, shares: sharesOf(space, bits) };
}

type BitsOf = (layer: Layer, index: number) => LayerBits | null;

function policyBits(history: History): BitsOf {
  const layers = new Map(history.policy?.layers.map((layer) => [layer.name, layer]));
  return ({ name }) => {
    const own = layers.get(name);
    return own ? { weight: own.weight.bits, activation: own.activation.bits } : null;
  };
}

/** Of the newest snapshot, if it is one of this space. */
const relaxedNow = (space: SearchSpace, history: History) => {
  const relaxed = searchPoints(history).at(-1)?.snapshot.relaxed ?? null;
  return relaxed?.bits.length === space.sites.length ? relaxed : null;
};

function expectedBits(space: SearchSpace, history: History): BitsOf {
  const bits = relaxedNow(space, history)?.bits;
  return (_, i) => {
    const [weight, activation] = [bits?.[2 * i], bits?.[2 * i + 1]];
    return weight === undefined || activation === undefined ? null : { weight, activation };
  };
}

/** The look of a site, by the bits of its layer and its place in the space. */
function siteLooks(
  space: SearchSpace,
  history: History,
  schemes: readonly SchemeInfo[],
): (bits: LayerBits, site: number) => SiteLook {
  const decides = standingPolicy(history) !== null;
  const relaxed = decides ? null : relaxedNow(space, history);
  const favoured = hasSchemes(space) && relaxed ? favourites(space, relaxed.probabilities) : null;
  const decided = decides || isMoving(history) ? new Map(history.policy?.layers.map((layer) => [layer.name, layer])) : null;
  const own = space.searched.flatMap(({ name }) => decided?.get(name) ?? []);
  const tellsSchemes = hasSchemes(space) || ROLES.some((role) => new Set(own.map((layer) => layer[role].scheme)).size > 1);
  return (bits, index) => {
    const favourite = favoured?.[index];
    const site = space.sites[index];
    if (!site) return UNKNOWN;
    if (favourite) return schemesLook(favourite, schemes);
    const scheme = tellsSchemes ? decided?.get(site.layer.name)?.[site.role].scheme : undefined;
    return bitsLook(bits[site.role], { decides, scheme, schemes, isScheme: hasSchemes(space) });
  };
}

function sharesOf({ searched }: SearchSpace, bits: readonly (LayerBits | null)[]): ReadonlyMap<string, number> {
  const known = bits.filter((own) => own !== null);
  if (known.length < searched.length) return new Map();
  const { bitOps } = costTotals(searched, known);
  return new Map(searched.map((layer, i) => [layer.name, layerBitOps(layer, known[i] as LayerBits) / bitOps]));
}
