/** Networks of one layer, which is what most golden cases are. */
import { createGraph, type Graph, type Operation, type Shape } from "../../core/graph";

export type CostlyOperation = Operation & { readonly op: "conv" | "dense" };

/** The layer alone, called "layer", on an input of the given shape. */
export const oneLayerGraph = (input: Shape, operation: CostlyOperation): Graph =>
  createGraph("golden", [
    { name: "input", inputs: [], op: "input", shape: input },
    { ...operation, name: "layer", inputs: ["input"] },
  ]);
