/** Layers that move values and change none. */
import type { Padding } from "../../../../core/graph";
import { integers, only, Unsupported } from "../config";
import { operationLayer, plainLayer, type LayerReader } from "../layer";

export const flatten: LayerReader = (config) => {
  only(config, "data_format", "channels_last");
  return operationLayer({ op: "flatten" });
};

/** One size may be -1: what is left. */
export const reshape: LayerReader = (config) => {
  const target = integers(config, "target_shape");
  return plainLayer(({ add, inputs: [input] }) => {
    const known = target.reduce((product, size) => (size === -1 ? product : product * size), 1);
    const all = input.shape.reduce((product, size) => product * size, 1);
    return add("", { op: "reshape", shape: target.map((size) => (size === -1 ? all / known : size)) }, input);
  });
};

/** Its axes are counted from 1, the batch being 0. */
export const permute: LayerReader = (config) => {
  const order = integers(config, "dims").map((axis) => axis - 1);
  return operationLayer({ op: "transpose", order });
};

/** A convolution after it takes it over. */
export const zeroPadding2d: LayerReader = (config) => {
  only(config, "data_format", "channels_last");
  const given = (config["padding"] ?? 1) as unknown;
  const padding = paddingOf(given);
  if (!Object.values(padding).every((pixels) => Number.isInteger(pixels) && pixels >= 0 && pixels < 1024))
    throw new Unsupported(`its padding ${JSON.stringify(given).slice(0, 60)} is impossible`);
  return operationLayer({ op: "pad", padding, value: 0 });
};

/** Pixels on all sides, [rows, columns] on either side, or [[top, bottom], [left, right]]. */
function paddingOf(given: unknown): Padding {
  const [rows, columns] = (Array.isArray(given) ? given : [given, given]) as readonly unknown[];
  const sides = (value: unknown): readonly number[] => (Array.isArray(value) ? value : [value, value]) as readonly number[];
  const [top = NaN, bottom = NaN] = sides(rows);
  const [left = NaN, right = NaN] = sides(columns);
  return { top, right, bottom, left };
}
