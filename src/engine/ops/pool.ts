import * as tf from "@tensorflow/tfjs-core";
import type { GraphNode } from "../../core/graph";
import { explicitPadding } from "./conv";

type PoolNode = GraphNode & { readonly op: "maxPool" | "averagePool" };

/** Pooling over windows; padded pixels never win a maximum and do not count in an average. */
export function pool(x: tf.Tensor4D, node: PoolNode): tf.Tensor4D {
  const padding = explicitPadding(node.padding);
  return node.op === "maxPool"
    ? tf.maxPool(x, [...node.kernel], [...node.stride], padding)
    : tf.avgPool(x, [...node.kernel], [...node.stride], padding);
}
