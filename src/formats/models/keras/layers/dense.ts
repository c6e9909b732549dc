import { NO_PADDING, type Operation } from "../../../../core/graph";
import { count, flag } from "../config";
import { dataOf, weightedLayer, type LayerReader } from "../layer";
import { activated, activationOf } from "./activation";

/** On the last axis. On every pixel of an image, that is a convolution of one pixel, with the same weights in memory. */
export const dense: LayerReader = (config, version) => {
  const units = count(config, "units");
  const bias = flag(config, "use_bias", true);
  const activation = activationOf(config["activation"], version);
  const onPixels: Operation = {
    op: "conv",
    filters: units,
    kernel: [1, 1],
    stride: [1, 1],
    dilation: [1, 1],
    padding: NO_PADDING,
    groups: 1,
    bias,
  };
  return weightedLayer({
    tensors: [{ names: ["kernel"], shape: [null, units] }, ...(bias ? [{ names: ["bias"] as const, shape: [units] }] : [])],
    values: (tensors) => ({
      "": { weight: dataOf(tensors, "kernel"), ...(bias && { bias: dataOf(tensors, "bias") }) },
    }),
    nodes: (place) => {
      const [input] = place.inputs;
      const operation: Operation = input.shape.length === 3 ? onPixels : { op: "dense", units, bias };
      return activated(place, activation, place.add("", operation, input));
    },
  });
};
