import type { GraphNode, Padding } from "../../core/graph";

/**
 * A padding with zeros whose readers are all convolutions becomes theirs. It is more than tidiness: a quantizer between the two would turn
 * the zeros into its nearest level.
 */
export function foldPadding(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  const folded = new Map<string, GraphNode & { readonly op: "pad" }>();
  for (const node of nodes) {
    const users = readers.get(node.name) ?? [];
    if (node.op === "pad" && node.value === 0 && users.length > 0 && users.every(({ op }) => op === "conv"))
      folded.set(node.name, node);
  }
  return nodes
    .filter(({ name }) => !folded.has(name))
    .map((node) => {
      const pad = folded.get(node.inputs[0] ?? "");
      return pad && node.op === "conv" ? { ...node, inputs: pad.inputs, padding: sum(node.padding, pad.padding) } : node;
    });
}

const sum = (a: Padding, b: Padding): Padding => ({
  top: a.top + b.top,
  right: a.right + b.right,
  bottom: a.bottom + b.bottom,
  left: a.left + b.left,
});
