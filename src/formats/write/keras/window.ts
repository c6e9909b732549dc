/** Padding in Keras's words: none, "same", or a layer of its own. */
import type { Padding, Pair, Shape } from "../../../core/graph";
import { samePadding } from "../../../core/same-padding";
import type { Output, Pen } from "./drawing";

const isEqual = (a: Padding, b: Padding): boolean =>
  a.top === b.top && a.right === b.right && a.bottom === b.bottom && a.left === b.left;

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation?: Pair;
  readonly padding: Padding;
}

export const hasPadding = (padding: Padding): boolean => Object.values(padding).some((pixels) => pixels > 0);

/** How Keras calls the padding of a window over an input of this shape; null if it has no word for it. */
export function paddingWord(window: Window, shape: Shape): "valid" | "same" | null {
  if (!hasPadding(window.padding)) return "valid";
  return isEqual(window.padding, samePadding(window, shape)) ? "same" : null;
}

/** The input with zeros around it. */
export const zeroPadded = ({ layer, inputs: [input] }: Pen, { top, right, bottom, left }: Padding): Output =>
  layer(
    "pad",
    "ZeroPadding2D",
    {
      padding: [
        [top, bottom],
        [left, right],
      ],
      data_format: "channels_last",
    },
    [input],
  );
