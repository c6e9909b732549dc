/** The graph as it grows, and which of its nodes holds which ONNX tensor in which layout. */
import type { GraphNode, Operation, Shape } from "../../../core/graph";
import { Refusal, type Constant } from "./constant";

/**
 * A tensor that depends on the input. Our graph keeps channels last and the batch first; `axes[i]` is the ONNX axis that the graph's axis i
 * is, the batch included. An ONNX axis that is not among them has the size 1. So transpositions and axes of size 1 cost no node until
 * somebody needs another layout.
 */
export interface Flowing {
  readonly kind: "flowing";
  readonly node: string;
  /** ONNX sizes, the batch included. */
  readonly dims: readonly number[];
  readonly axes: readonly number[];
}

export interface Known {
  readonly kind: "known";
  readonly constant: Constant;
  /** The stored tensor that it is; null if it was computed. */
  readonly stored: string | null;
}

export type Value = Flowing | Known;

export interface Drawing {
  /** Adds a node under this name, or a similar one that is free; gives the name it got. */
  readonly add: (name: string, operation: Operation, inputs: readonly string[], further?: Pick<GraphNode, "weightOf">) => string;
  readonly replace: (name: string, change: (node: GraphNode) => GraphNode) => void;
  readonly find: (name: string) => GraphNode | undefined;
  /** Name of a graph node that holds the value with exactly these axes, in this order. */
  readonly inLayout: (value: Flowing, axes: readonly number[]) => string;
  readonly nodes: readonly GraphNode[];
}

export function startDrawing(): Drawing {
  const nodes: GraphNode[] = [];
  const places = new Map<string, number>();
  const laidOut = new Map<string, string>();
  const add: Drawing["add"] = (wanted, operation, inputs, further = {}) => {
    let name = wanted;
    for (let i = 2; places.has(name); i++) name = `${wanted}_${i}`;
    places.set(name, nodes.length);
    nodes.push({ ...operation, ...further, name, inputs });
    return name;
  };
  const find: Drawing["find"] = (name) => nodes[places.get(name) ?? -1];
  return {
    add,
    find,
    nodes,
    replace: (name, change) => {
      const at = places.get(name) ?? -1;
      const node = nodes[at];
      if (node) nodes[at] = change(node);
    },
    inLayout: (value, axes) => {
      const key = JSON.stringify([value.node, value.dims, value.axes, axes]);
      const known = laidOut.get(key);
      if (known !== undefined) return known;
      const made = layOut(add, value, axes);
      laidOut.set(key, made);
      return made;
    },
  };
}

/** Up to three nodes: axes of size 1 away, the others in order, axes of size 1 put in. Usually one or none. */
function layOut(add: Drawing["add"], { node, dims, axes }: Flowing, wanted: readonly number[]): string {
  if (axes.join() === wanted.join()) return node;
  if (axes[0] !== wanted[0]) throw new Refusal("it mixes the samples of a batch");
  const matters = (axis: number): boolean => axis !== axes[0] && dims[axis] !== 1;
  const [has, needs] = [axes.filter(matters), wanted.filter(matters)];
  if ([...has].sort().join() !== [...needs].sort().join())
    throw new Refusal("its axes cannot be brought into the order it needs");
  const shape = (list: readonly number[]): Shape => list.slice(1).map((axis) => dims[axis] as number);
  const [batch = 0] = axes;
  let [held, name] = [axes, node];
  if (has.join() !== needs.join()) {
    if (has.length !== axes.length - 1) {
      held = [batch, ...has];
      name = add(`${node}.squeezed`, { op: "reshape", shape: shape(held) }, [name]);
    }
    name = add(`${node}.transposed`, { op: "transpose", order: needs.map((axis) => has.indexOf(axis)) }, [name]);
    held = [batch, ...needs];
  }
  return held.join() === wanted.join() ? name : add(`${node}.shaped`, { op: "reshape", shape: shape(wanted) }, [name]);
}

/** The standard layout of a value with as many axes: channels last, everything else in its order. */
export const channelsLast = (dims: readonly number[]): readonly number[] => {
  const all = dims.map((_, axis) => axis);
  return dims.length > 2 ? [0, ...all.slice(2), 1] : all;
};
