/** What a network's first steps and its size say about the pixels that it expects. */
import { endShapes, type Graph } from "../../core/graph";

/** Id of a preset of `core/normalisation`. It is shown, and can be changed. */
export function guessNormalisation(graph: Graph): string {
  const input = graph.nodes.find(({ op }) => op === "input")?.name;
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(input ?? ""));
  // A network that scales its input itself does so from bytes.
  if (readers.length > 0 && readers.every((node) => node.op === "affine" && node.scale.every((factor) => Math.abs(factor) < 0.1)))
    return "byte";
  const { input: shape, output } = endShapes(graph);
  const isImageNet =
    shape.length === 3 && shape[2] === 3 && Math.min(shape[0] ?? 0, shape[1] ?? 0) >= 160 && output.at(-1) === 1000;
  return isImageNet ? "imagenet" : "unit";
}
