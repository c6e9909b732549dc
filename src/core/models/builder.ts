/** Short-hand for writing networks: appends nodes and hands back their names. */
import {
  NO_PADDING,
  createGraph,
  type Graph,
  type GraphNode,
  type Operation,
  type Pair,
  type Padding,
  type Shape,
} from "../graph";

/** PyTorch's defaults, which the published networks use. */
const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 } as const;

interface ConvOptions {
  readonly stride?: number;
  /** Half the kernel (rounded down) unless given. */
  readonly padding?: Padding;
  readonly groups?: number;
  readonly bias?: boolean;
}

export interface GraphBuilder {
  readonly add: (name: string, operation: Operation, ...inputs: readonly string[]) => string;
  readonly conv: (name: string, from: string, filters: number, kernel: number | Pair, options?: ConvOptions) => string;
  readonly batchNorm: (name: string, from: string, epsilon?: number) => string;
  /** Windows of `size`, side by side and without padding unless told otherwise. */
  readonly maxPool: (name: string, from: string, size: number, options?: Pick<ConvOptions, "stride" | "padding">) => string;
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
    conv: (name, from, filters, size, { stride = 1, padding, groups = 1, bias = false } = {}) => {
      const kernel = pair(size);
      const around = padding ?? halfOf(kernel);
      return add(
        name,
        { op: "conv", filters, kernel, stride: pair(stride), padding: around, dilation: [1, 1], groups, bias },
        from,
      );
    },
    batchNorm: (name, from, epsilon = BATCH_NORM.epsilon) => add(name, { ...BATCH_NORM, op: "batchNorm", epsilon }, from),
    maxPool: (name, from, size, { stride = size, padding = NO_PADDING } = {}) =>
      add(name, { op: "maxPool", kernel: pair(size), stride: pair(stride), padding }, from),
    build: (name) => createGraph(name, nodes),
  };
}

const pair = (size: number | Pair): Pair => (typeof size === "number" ? [size, size] : size);

/** Padding of half the kernel, which leaves the map its size at stride 1 where the kernel is odd. */
function halfOf([height, width]: Pair): Padding {
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)];
  return { top: rows, bottom: rows, left: columns, right: columns };
}
