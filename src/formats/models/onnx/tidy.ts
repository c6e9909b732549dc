/** What remains of a drawing: nodes that the output needs, padding inside the layers that it belongs to. */
import type { GraphNode } from "../../../core/graph";
import { foldPadding } from "../fold-padding";

interface Tidied {
  readonly nodes: readonly GraphNode[];
  readonly values: ReadonlyMap<string, Float32Array>;
}

/** Leaves out what `end` does not depend on, and gives it no reader. */
export function tidy(drawn: readonly GraphNode[], end: string, values: ReadonlyMap<string, Float32Array>): Tidied {
  const needed = reachable(drawn, end);
  const nodes = foldPadding(drawn.filter(({ name }) => needed.has(name)));
  return withOwners(nodes, values);
}

function reachable(nodes: readonly GraphNode[], end: string): ReadonlySet<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const found = new Set([end]);
  const waiting = [end];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const input of byName.get(name)?.inputs ?? []) {
      if (!found.has(input)) waiting.push(input);
      found.add(input);
    }
  }
  return found;
}

/** Where the owner of shared weights was left out, the first layer that uses them has them. */
function withOwners(nodes: readonly GraphNode[], values: ReadonlyMap<string, Float32Array>): Tidied {
  const present = new Set(nodes.map(({ name }) => name));
  const heirs = new Map<string, string>();
  for (const { name, weightOf } of nodes)
    if (weightOf !== undefined && !present.has(weightOf) && !heirs.has(weightOf)) heirs.set(weightOf, name);
  const owned = nodes.map((node): GraphNode => {
    const heir = heirs.get(node.weightOf ?? "");
    if (heir === undefined) return node;
    const { weightOf: _, ...own } = node;
    return heir === node.name ? own : { ...own, weightOf: heir };
  });
  const kept = new Map<string, Float32Array>();
  for (const [name, value] of values) {
    const at = ownerIn(name, present, heirs);
    if (at !== null) kept.set(at, value);
  }
  return { nodes: owned, values: kept };
}

/** "conv1.weight" under the name of the node that has it now; null if nobody has. */
function ownerIn(variable: string, present: ReadonlySet<string>, heirs: ReadonlyMap<string, string>): string | null {
  // Names of nodes have dots, and the gates' parameters, too: the longest name that is known is the node's.
  for (let end = variable.lastIndexOf("."); end > 0; end = variable.lastIndexOf(".", end - 1)) {
    const node = variable.slice(0, end);
    if (present.has(node)) return variable;
    const heir = heirs.get(node);
    if (heir !== undefined) return heir + variable.slice(end);
  }
  return null;
}
