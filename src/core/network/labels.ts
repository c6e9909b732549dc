/** What operations are called in a drawing. */
import type { GraphNode, Pair } from "../graph";

/** "max pool 2x2 /2", "ReLU", "LSTM 64"; of convolutions and dense layers the layer table says more. */
export function operationLabel(node: GraphNode): string {
  switch (node.op) {
    case "conv":
      return `conv ${window(node.kernel, node.stride)}`;
    case "maxPool":
      return `max pool ${window(node.kernel, node.stride)}`;
    case "averagePool":
      return `average pool ${window(node.kernel, node.stride)}`;
    case "lstm":
      return `LSTM, ${node.units} units`;
    case "hardSigmoid":
      return node.gated ? "hard swish" : "hard sigmoid";
    case "input":
    case "dense":
    case "embedding":
    case "batchNorm":
    case "relu":
    case "relu6":
    case "clip":
    case "leakyRelu":
    case "sigmoid":
    case "tanh":
    case "elu":
    case "swish":
    case "globalAveragePool":
    case "lrn":
    case "affine":
    case "add":
    case "multiply":
    case "concat":
    case "flatten":
    case "reshape":
    case "transpose":
    case "pad":
    case "resize":
    case "channels":
    case "dropout":
    case "softmax":
      return WORDS[node.op] ?? node.op;
  }
}

/** Where the word is not the operation's own name. */
const WORDS: Readonly<Partial<Record<GraphNode["op"], string>>> = {
  batchNorm: "batch norm",
  relu: "ReLU",
  relu6: "ReLU6",
  leakyRelu: "leaky ReLU",
  elu: "ELU",
  globalAveragePool: "global average",
  lrn: "LRN",
  affine: "scale, shift",
  concat: "concatenate",
};

function window(kernel: Pair, [height, width]: Pair): string {
  const stride = height === width ? String(height) : `${height}x${width}`;
  return `${kernel.join("x")}${stride === "1" ? "" : ` /${stride}`}`;
}

/** The end of a name says which of its block's layers it is: a long one loses its beginning. */
export const shortName = (name: string): string => (name.length > NAME_LENGTH ? `\u2026${name.slice(1 - NAME_LENGTH)}` : name);

/** Characters of a name in a box. */
const NAME_LENGTH = 22;
