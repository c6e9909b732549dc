/** What the operations of a network leave in memory during a step. */
import { shapeOf, type Graph, type GraphNode, type Shape } from "./graph";
import { gateName, type Layer } from "./layers";

/** How a search weighs its weight candidates: most have one weight, and one quantized mixture of it, whatever the candidates are. */
export interface Branches {
  /** Weights of a searched layer. */
  readonly weights: number;
  /** Quantized weights of a searched layer, each in two tensors if there are several. */
  readonly quantized: number;
  /** Convolutions of a searched layer. */
  readonly products: number;
}

export const ONE_BRANCH: Branches = { weights: 1, quantized: 1, products: 1 };

export interface MemoryQuestion {
  readonly graph: Graph;
  readonly searched: readonly Layer[];
  readonly branches: Branches;
  /** Whether the quantizer of a searched layer's input takes the place of a ReLU before it. */
  readonly rectifies: (layer: string) => boolean;
  readonly batch: number;
}

/** Elements that a node's operations leave for one sample: values, and then gradients. */
export function nodeElements(
  { graph, branches, rectifies }: MemoryQuestion,
  node: GraphNode,
  searched: ReadonlySet<string>,
  users: readonly GraphNode[],
): readonly [forward: number, backward: number] {
  const out = product(shapeOf(graph, node.name));
  const inputs = sum(node.inputs.map((name) => product(shapeOf(graph, name))));
  switch (node.op) {
    case "input":
      // The batch that is being made ready lies beside the one that is used.
      return [2 * out, 0];
    case "conv":
    case "dense": {
      const isSearched = searched.has(node.name);
      const quantized = isSearched ? inputs : 0;
      const products = isSearched ? branches.products : 1;
      const split = node.op === "conv" && node.groups > 1 && node.groups !== shapeOf(graph, node.inputs[0] as string)[2];
      const sums = products > 1 || node.bias ? out : 0;
      // Split into groups, inputs and outputs are there in parts and whole.
      return [
        quantized + products * out + sums + (split ? inputs + out : 0),
        quantized + products * inputs + (split ? inputs + out : 0),
      ];
    }
    case "lstm": {
      const [length = 1, features = 1] = shapeOf(graph, node.inputs[0] as string);
      const joined = features + node.units;
      const quantized = searched.has(gateName(node.name, "input")) ? joined : 0;
      // Features taken apart, joined with the state; sums and values of the four gates; state, cell, and all states put together.
      return [
        length * (features + joined + quantized + (2 * 4 + 3) * node.units),
        length * (features + 2 * joined + quantized + (4 + 3) * node.units),
      ];
    }
    case "relu": {
      const absorbed = users.length > 0 && users.every((user) => searched.has(user.name) && rectifies(user.name));
      return absorbed ? [0, 0] : [out, inputs];
    }
    case "globalAveragePool":
      return [out, 3 * inputs];
    case "averagePool": {
      const steps = Object.values(node.padding).some((pixels) => pixels > 0) ? 3 : 1;
      return [steps * out, steps * inputs];
    }
    case "dropout":
      return [2 * out, out];
    case "lrn":
    case "transpose":
    case "pad":
    case "clip":
      return [out, inputs];
    case "sigmoid":
    case "tanh":
    case "elu":
      return [out, 3 * inputs];
    case "leakyRelu":
      return [2 * out, 4 * inputs];
    case "swish":
      return [2 * out, 5 * inputs];
    case "hardSigmoid":
      return [4 * out, 4 * inputs];
    case "affine":
      return [2 * out, 2 * inputs];
    case "multiply":
      return [out, 2 * inputs];
    // What comes before the first layer has no gradient.
    case "resize":
    case "channels":
      return [out, 0];
    case "add":
      return [out, 0];
    case "flatten":
    case "reshape":
      return [0, 0];
    case "embedding":
    case "batchNorm":
    case "relu6":
    case "maxPool":
    case "concat":
    case "softmax":
      return [out, inputs];
  }
}

/** The sum of the gradients of a value that several read takes a tensor more where one of them is passed on as it is. */
export function sharedGradient(graph: Graph, node: GraphNode, users: readonly GraphNode[]): number {
  const passedOn = users.some(({ op }) => op === "add" || op === "flatten");
  return users.length > 1 && passedOn ? product(shapeOf(graph, node.name)) : 0;
}

export const product = (shape: Shape): number => shape.reduce((total, size) => total * size, 1);
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
