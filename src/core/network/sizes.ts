/** How large the boxes of a drawing are: they hold their text at 12 pixels, whatever font shows it. */
import { shortName } from "./labels";
import type { Box, OperationBox } from "./boxes";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const WEIGHT: Size = { width: 28, height: 20 };
export const QUANTIZER: Size = { width: 46, height: 20 };
/** A layer's bits inside its box, weights above activations. */
export const CELL_WIDTH = 46;
export const LINE_HEIGHT = 15;
export const PADDING = 8;
/** Of one character: monospaced names, and the widest usual mixture of the page's font. */
const [NAME_CHARACTER, TEXT_CHARACTER] = [7.4, 7.6];

/** Lines of text in a box, its name first. */
export function linesOf({ nodes: [name = ""], type, output, then }: OperationBox): readonly string[] {
  const shape = output.join("\u00d7");
  const first = shortName(name);
  return [first, type === name ? shape : `${type}  ${shape}`, ...(then.length > 0 ? [then.join(", ")] : [])];
}

/** Of a box, with room for the bits of its layers or without. */
export function sizeOf(box: Box, hasCells: boolean): Size {
  switch (box.kind) {
    case "weight":
      return WEIGHT;
    case "quantizer":
      return QUANTIZER;
    case "operation": {
      const lines = linesOf(box);
      const text = Math.max(...lines.map((line, i) => line.length * (i === 0 ? NAME_CHARACTER : TEXT_CHARACTER)));
      const cells = hasCells ? box.layers.length * CELL_WIDTH : 0;
      return {
        width: Math.ceil(cells + text + 2 * PADDING),
        height: Math.max(lines.length, box.layers.length > 0 ? 3 : 2) * LINE_HEIGHT + PADDING,
      };
    }
  }
}
