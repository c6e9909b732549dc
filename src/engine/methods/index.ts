import { autoqnn } from "./autoqnn";
import { autoqnnPipeline } from "./autoqnn-pipeline";
import { autoqnnQpl } from "./autoqnn-qpl";
import { edmips } from "./edmips";
import { fracbits } from "./fracbits";
import type { Method } from "./method";

export type { Method } from "./method";

/** Search methods in the order the menu shows. */
export const METHODS: readonly Method[] = [edmips, fracbits, autoqnn, autoqnnQpl, autoqnnPipeline];

/** The method called `id`; a RangeError with the known ones otherwise. */
export function findMethod(id: string): Method {
  const method = METHODS.find((known) => known.id === id);
  if (!method) throw new RangeError(`No method "${id}". Known: ${METHODS.map((known) => known.id).join(", ")}.`);
  return method;
}
