/** From real bit-widths to whole ones that meet a budget. */
import { roundHalfEven } from "./round";

/** The learned widths of one site, one for each kernel, and the bounds that they stay in. */
export interface RealWidths {
  readonly widths: readonly number[];
  readonly min: number;
  readonly max: number;
}

export interface Rounded {
  /** Whole widths, site after site. */
  readonly bits: readonly (readonly number[])[];
  /** The common offset that was added before rounding. */
  readonly offset: number;
  /** The resource at `bits`. */
  readonly resource: number;
  /** Widths that were then moved by one bit because no common offset met the budget. */
  readonly moved: number;
}

/** FracBits accepts a resource this close to its budget, as a share of it. */
const TOLERANCE = 0.01;
/** Offsets tried after 0 (published code). */
const TRIALS = 10;

export interface OffsetTrial {
  readonly offset: number;
  readonly resource: number;
}

/**
 * The common offset in [-1, 0] by bisection (FracBits, published code): 0 first, then up to ten more, until the resource is within 1 % of
 * the budget. Gives all trials; the last one counts. An offset can only take away, so a network below its budget stays at 0.
 */
export function offsetTrials(resourceAt: (offset: number) => number, budget: number): readonly OffsetTrial[] {
  let [low, high, offset] = [-1, 0, 0];
  const trials: OffsetTrial[] = [{ offset, resource: resourceAt(offset) }];
  for (let i = 0; i < TRIALS; i++) {
    const { resource } = trials.at(-1) as OffsetTrial;
    if (meets(resource, budget)) break;
    if (resource > budget) high = offset;
    else low = offset;
    offset = (low + high) / 2;
    trials.push({ offset, resource: resourceAt(offset) });
  }
  return trials;
}

/** The widths rounded with an offset, within their bounds. */
export const roundWith = ({ widths, min, max }: RealWidths, offset: number): number[] =>
  widths.map((width) => Math.min(Math.max(roundHalfEven(width + offset), min), max));

/**
 * Whole widths whose resource is within 1 % of the budget wherever whole widths can be. A network of few layers moves in large steps,
 * and no common offset may come close: then single widths move by one bit, those first that lose least by it.
 */
export function roundToBudget(
  sites: readonly RealWidths[],
  resourceOf: (bits: readonly (readonly number[])[]) => number,
  budget: number,
): Rounded {
  const at = (offset: number): number[][] => sites.map((site) => roundWith(site, offset));
  const trials = offsetTrials((offset) => resourceOf(at(offset)), budget);
  const best = trials.reduce((a, b) => (Math.abs(b.resource - budget) <= Math.abs(a.resource - budget) ? b : a));
  const bits = at(best.offset);
  const state: State = { sites, bits, resourceOf, budget, resource: best.resource, moved: 0 };
  moveSingly(state);
  while (!meets(state.resource, budget) && moveInPairs(state));
  return { bits, offset: best.offset, resource: state.resource, moved: state.moved };
}

const meets = (resource: number, budget: number): boolean => Math.abs(resource - budget) <= TOLERANCE * budget;

interface State {
  readonly sites: readonly RealWidths[];
  readonly bits: number[][];
  readonly resourceOf: (bits: readonly (readonly number[])[]) => number;
  readonly budget: number;
  resource: number;
  moved: number;
}

interface Move {
  readonly site: number;
  readonly kernel: number;
  readonly by: 1 | -1;
  /** How much further from the learned width it leads, squared. */
  readonly regret: number;
}

/** All moves by one bit that stay within the bounds, least regret first. */
function movesOf({ sites, bits }: State): readonly Move[] {
  const moves: Move[] = [];
  sites.forEach(({ widths, min, max }, site) => {
    widths.forEach((width, kernel) => {
      const now = bits[site]?.[kernel] as number;
      for (const by of [1, -1] as const) {
        const next = now + by;
        if (next < min || next > max) continue;
        moves.push({ site, kernel, by, regret: (next - width) ** 2 - (now - width) ** 2 });
      }
    });
  });
  return moves.sort((a, b) => a.regret - b.regret);
}

/** Takes every move that brings the resource closer, in order, until it meets the budget. */
function moveSingly(state: State): void {
  for (const move of movesOf(state)) {
    if (meets(state.resource, state.budget)) return;
    const wanted = state.resource < state.budget ? 1 : -1;
    if (move.by !== wanted) continue;
    apply(state, move);
    const resource = state.resourceOf(state.bits);
    if (Math.abs(resource - state.budget) < Math.abs(state.resource - state.budget)) {
      state.resource = resource;
      state.moved++;
    } else apply(state, reverse(move));
  }
}

/** Pairs beyond this many widths are not needed: so many single moves are fine enough. */
const MOST_PAIRED = 200;

/** Takes the pair of moves that comes closest to the budget; false if none comes closer. */
function moveInPairs(state: State): boolean {
  const moves = movesOf(state).slice(0, 2 * MOST_PAIRED);
  let best: { readonly pair: readonly [Move, Move]; readonly resource: number } | null = null;
  for (const [i, first] of moves.entries()) {
    apply(state, first);
    for (const second of moves.slice(i + 1)) {
      if (second.site === first.site && second.kernel === first.kernel) continue;
      apply(state, second);
      const resource = state.resourceOf(state.bits);
      if (Math.abs(resource - state.budget) < Math.abs((best?.resource ?? state.resource) - state.budget)) {
        best = { pair: [first, second], resource };
      }
      apply(state, reverse(second));
      // The list is in order of regret: the first pair that meets the budget is a good one.
      if (best && meets(best.resource, state.budget)) break;
    }
    apply(state, reverse(first));
    if (best && meets(best.resource, state.budget)) break;
  }
  if (!best) return false;
  best.pair.forEach((move) => apply(state, move));
  state.resource = best.resource;
  state.moved += 2;
  return true;
}

function apply({ bits }: State, { site, kernel, by }: Move): void {
  const row = bits[site] as number[];
  row[kernel] = (row[kernel] as number) + by;
}

const reverse = (move: Move): Move => ({ ...move, by: move.by === 1 ? -1 : 1 });
