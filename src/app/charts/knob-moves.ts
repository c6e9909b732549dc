/** Where knobs moved during a search, and what to write there. */
import { KNOBS, type Knobs } from "../../core/config";
import type { History } from "../../core/history";
import { knob as knobText } from "../format";
import type { Extent } from "./time-axis";

export interface KnobMove {
  readonly time: number;
  /** "λ 1e-3", "t 2.5" */
  readonly label: string;
}

/** The moves inside an extent, in time order. */
export function knobMoves(history: History, { start, end }: Extent): readonly KnobMove[] {
  return history.knobChanges.flatMap(({ time, knobs }, i) => {
    if (time < start || time > end) return [];
    const before = knobsBefore(history, i);
    const moved = (Object.keys(KNOBS) as (keyof Knobs)[]).filter((knob) => knobs[knob] !== before[knob]);
    return [{ time, label: moved.map((knob) => `${KNOBS[knob].symbol}\u00a0${knobText(knobs[knob])}`).join(", ") }];
  });
}

/** What held before a change: the change before it in the same search, or what that search began with. */
function knobsBefore({ knobChanges, points }: History, i: number): Partial<Knobs> {
  const { time } = knobChanges[i] ?? { time: 0 };
  const stage = points.findLast((point) => point.time <= time)?.stage;
  const first = points.find((point) => point.stage === stage);
  const change = knobChanges[i - 1];
  return (change && first && change.time > first.time ? change.knobs : first?.snapshot.knobs) ?? {};
}
