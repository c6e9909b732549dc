/** Layers with several inputs. */
import { integers } from "../config";
import { operationLayer, plainLayer, type Flow, type LayerReader } from "../layer";

export const add: LayerReader = () => operationLayer({ op: "add" });

const elements = ({ shape }: Flow): number => shape.reduce((product, size) => product * size, 1);

/** Two at a time, the larger one first: the other may have the size 1 where it has more. */
export const multiply: LayerReader = () =>
  plainLayer(({ add: append, inputs: [first, ...others] }) =>
    others.reduce((product, other, i) => {
      const part = i === others.length - 1 ? "" : `${i + 1}`;
      const pair = elements(other) > elements(product) ? [other, product] : [product, other];
      return append(part, { op: "multiply" }, ...pair);
    }, first),
  );

export const concatenate: LayerReader = (config) => {
  const [axis = -1] = "axis" in config ? integers(config, "axis") : [];
  return plainLayer(({ add: append, inputs }) => {
    const rank = inputs[0].shape.length;
    if (axis !== -1 && axis !== rank)
      throw new RangeError(`A layer after "${inputs[0].node}" joins along the axis ${axis}, and only the last one is supported.`);
    return append("", { op: "concat" }, ...inputs);
  });
};
