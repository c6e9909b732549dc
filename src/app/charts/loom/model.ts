/** What the loom shows, as numbers: one row a searched layer, columns of equal time. */
import { costTotals, layerBitOps, type LayerBits } from "../../../core/cost";
import { isMoving, type History, type HistoryPoint } from "../../../core/history";
import type { Layer } from "../../../core/layers";
import type { RelaxedState } from "../../../core/protocol";
import { hasSchemes, ROLES, type Role, type SearchSpace } from "../../../core/search";
import { pointAt, relaxedPoints, searchExtent, type Extent } from "../time-axis";

export interface LoomRow {
  readonly layer: Layer;
  /** Expected bits at one moment, null before the search. */
  readonly bits: LayerBits | null;
  /** Share of the searched layers' BitOps at those bits, 0..1. */
  readonly share: number | null;
  /** Of the policy, null before there is one and while a search moves on from it. */
  readonly decided: LayerBits | null;
  /** What the column beside the cells shows: those bits, or the ones now of a search that moves on from a policy. */
  readonly column: LayerBits | null;
  /** The policy's schemes, where schemes competed for the tensors. */
  readonly schemes: Readonly<Record<Role, string>> | null;
}

export interface LoomModel {
  readonly history: History;
  readonly points: readonly HistoryPoint[];
  readonly extent: Extent | null;
  readonly rows: readonly LoomRow[];
  /** Whose most probable scheme the cells show, where schemes compete; null where they show bits. */
  readonly competing: SearchSpace | null;
  /** Whether the search moves on from a policy. */
  readonly isMoving: boolean;
}

/** The loom as it stands now. */
export function loomModel(history: History, space: SearchSpace): LoomModel {
  const points = relaxedPoints(history).filter(({ snapshot }) => snapshot.relaxed?.bits.length === 2 * space.searched.length);
  return {
    history,
    points,
    extent: searchExtent(history),
    rows: rowsAt(points, space, history, null),
    competing: hasSchemes(space) ? space : null,
    isMoving: isMoving(history),
  };
}

/** The rows at a time, null for now. */
export function rowsAt(
  points: readonly HistoryPoint[],
  space: SearchSpace,
  history: History,
  time: number | null,
): readonly LoomRow[] {
  const expected = pointAt(points, time)?.snapshot.relaxed?.bits;
  const bits = space.searched.map((_, i): LayerBits | null => {
    const [weight, activation] = [expected?.[2 * i], expected?.[2 * i + 1]];
    return weight === undefined || activation === undefined ? null : { weight, activation };
  });
  const known = bits.filter((entry) => entry !== null);
  const total = known.length === bits.length ? costTotals(space.searched, known).bitOps : null;
  const moving = isMoving(history);
  const choices = new Map(history.policy?.layers.map((layer) => [layer.name, layer]));
  const showsSchemes = hasSchemes(space) || hasSeveralSchemes(space);
  return space.searched.map((layer, i) => {
    const own = bits[i] ?? null;
    const choice = choices.get(layer.name);
    const decided = choice && !moving ? { weight: choice.weight.bits, activation: choice.activation.bits } : null;
    return {
      layer,
      bits: own,
      share: own && total ? layerBitOps(layer, own) / total : null,
      decided,
      column: moving ? own : decided,
      schemes: choice && showsSchemes ? { weight: choice.weight.scheme, activation: choice.activation.scheme } : null,
    };
  });
}

/** Whether tensors of one role have different schemes, each its own: a search before this one decided them. */
const hasSeveralSchemes = ({ sites }: SearchSpace): boolean =>
  ROLES.some((role) => {
    const free = sites.filter((site) => site.role === role);
    return new Set(free.map(({ candidates }) => candidates[0]?.scheme)).size > 1;
  });

/** The most probable candidate of a tensor. */
export interface Favourite {
  readonly scheme: string;
  readonly probability: number;
  /** 0 where all candidates are alike, 1 where it is certain. */
  readonly lead: number;
}

/** The favourites of all sites in a state with these probabilities. */
export function favourites({ sites }: SearchSpace, probabilities: Float32Array): readonly Favourite[] {
  let at = 0;
  return sites.map(({ candidates }) => {
    const own = probabilities.subarray(at, (at += candidates.length));
    const probability = own.reduce((most, value) => Math.max(most, value), 0);
    const even = 1 / candidates.length;
    return {
      scheme: candidates[own.indexOf(probability)]?.scheme ?? "",
      probability,
      lead: candidates.length > 1 ? (probability - even) / (1 - even) : 1,
    };
  });
}

/**
 * The state that each column shows: the last snapshot before its end; columns after the newest snapshot are missing.
 */
export function loomColumns(points: readonly HistoryPoint[], extent: Extent, columns: number): readonly RelaxedState[] {
  const newest = points.at(-1)?.time ?? -Infinity;
  const result: RelaxedState[] = [];
  for (let column = 0; column < columns; column++) {
    const [from, to] = [0, 1].map((i) => extent.start + ((column + (i ?? 0)) / columns) * (extent.end - extent.start)) as [
      number,
      number,
    ];
    if (from >= newest && newest < extent.end) break;
    const state = pointAt(points, to)?.snapshot.relaxed;
    if (state) result.push(state);
  }
  return result;
}
