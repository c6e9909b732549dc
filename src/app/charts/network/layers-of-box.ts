import type { Box } from "../../../core/network/boxes";

/** Names of the costly layers that a box belongs to: those inside, those whose weights it is, those that read what it quantizes. */
export function layersOfBox(box: Box): readonly string[] {
  switch (box.kind) {
    case "operation":
      return box.layers;
    case "weight":
      return [box.layer];
    case "quantizer":
      return box.readers;
  }
}

/** The name that a box is found by. */
export function nameOfBox(box: Box): string {
  switch (box.kind) {
    case "operation":
      return box.nodes[0] ?? "";
    case "weight":
      return `Weights of ${box.layer}`;
    case "quantizer":
      return `Quantizer of the ${box.role === "weight" ? "weights" : "input"} of ${box.readers.join(", ")}`;
  }
}
