/** What layers are called: as their author called them, where the file still knows. */
import type { OnnxNode } from "./messages";

/** Operators whose weight's name tells the layer's. */
const WITH_WEIGHTS: Readonly<Record<string, number>> = { Conv: 1, Gemm: 1, MatMul: 1, BatchNormalization: 1, LSTM: 1, Gather: 0 };

/** "layer1.0.conv1" of "layer1.0.conv1.weight", "conv1" of "conv1_w_0"; else the node's name, or its output's. */
export function layerName(node: OnnxNode): string {
  const weight = node.inputs[WITH_WEIGHTS[node.type] ?? -1];
  const [, base] = /^([\w./-]+?)[._/](?:weight(?:_ih_l\d)?|kernel|scale|gamma|w|s|W)(?:_\d+)?$/.exec(weight ?? "") ?? [];
  return base ?? (modulePath(node) || (node.outputs[0] ?? node.type));
}

/**
 * PyTorch names nodes by their modules, each with the whole path so far: "/layer1/layer1.0/conv1/Conv" is "layer1.0.conv1". Other names
 * stay as they are.
 */
function modulePath({ name, type }: OnnxNode): string {
  if (!name.startsWith("/")) return name;
  const parts = name.slice(1).split("/");
  if (type in WITH_WEIGHTS && parts.length > 1) parts.pop();
  return parts.reduce((path, part) =>
    part.startsWith(`${path.split(".").at(-1)}.`) ? replaceLast(path, part) : `${path}.${part}`,
  );
}

const replaceLast = (path: string, part: string): string => [...path.split(".").slice(0, -1), part].join(".");
