/** Short-hand for writing networks: appends nodes and hands back their names. */
import {
  NO_PADDING,
  createGraph,
  padded,
  type Graph,
  type GraphNode,
  type Operation,
  type Pair,
  type Padding,
  type Shape,
} from "../graph";

/** PyTorch's defaults, which the published networks use. */
const BATCH_NORM = { op: "batchNorm", epsilon: 1e-5, momentum: 0.1 } as const;

interface ConvOptions {
  readonly stride?: number;
  /** Half the kernel (rounded down) unless given. */
  readonly padding?: Padding;
  readonly groups?: number;
  readonly bias?: boolean;
}

export interface GraphBuilder {
  readonly add: (name: string, operation: Operation, ...inputs: readonly string[]) => string;
  readonly conv: (name: string, from: string, filters: number, kernel: number, options?: ConvOptions) => string;
  readonly batchNorm: (name: string, from: string) => string;
  readonly maxPool: (name: string, from: string, size: number) => string;
  readonly build: (name: string) => Graph;
}

/** Starts a network whose input node is called "input". */
export function graphBuilder(input: Shape): GraphBuilder {
  const nodes: GraphNode[] = [{ name: "input", inputs: [], op: "input", shape: input }];
  const add: GraphBuilder["add"] = (name, operation, ...inputs) => {
    nodes.push({ ...operation, name, inputs });
    return name;
  };
  return {
    add,
    conv: (
      name,
      from,
      filters,
      kernel,
      { stride = 1, padding = padded(Math.floor(kernel / 2)), groups = 1, bias = false } = {},
    ) => {
      const pair = (size: number): Pair => [size, size];
      return add(
        name,
        { op: "conv", filters, kernel: pair(kernel), stride: pair(stride), padding, dilation: [1, 1], groups, bias },
        from,
      );
    },
    batchNorm: (name, from) => add(name, BATCH_NORM, from),
    maxPool: (name, from, size) => {
      return add(name, { op: "maxPool", kernel: [size, size], stride: [size, size], padding: NO_PADDING }, from);
    },
    build: (name) => createGraph(name, nodes),
  };
}
