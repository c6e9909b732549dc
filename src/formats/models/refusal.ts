/** The one sentence about a network that cannot be imported. */
import { FormatError } from "../../core/dataset";

export interface RefusedNode {
  readonly name: string;
  readonly type: string;
  readonly reason: string;
}

/** Names every node that is not supported, with its type and the reason, and says how much was understood. */
export function refusalOf(file: string, nodes: number, refused: readonly RefusedNode[]): FormatError {
  const reasons = new Map<string, string[]>();
  for (const { name, type, reason } of refused) {
    const key = `${type}: ${reason}`;
    reasons.set(key, [...(reasons.get(key) ?? []), `"${name}"`]);
  }
  const list = [...reasons].map(([reason, names]) => `${names.join(", ")} (${reason})`).join("; ");
  const understood = nodes - refused.length;
  return new FormatError(
    `"${file}" cannot be imported: ${refused.length} of its ${nodes} nodes ${refused.length === 1 ? "is" : "are"} not supported: ${list}. The other ${understood} are understood; nothing was loaded.`,
  );
}
