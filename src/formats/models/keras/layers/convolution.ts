import { isSame, count, flag, pair, Unsupported, type Config } from "../config";
import { dataOf, weightedLayer, type Flow, type KerasLayer, type LayerReader, type Place, type TensorSpec } from "../layer";
import { NO_PADDING, type Operation, type Pair } from "../../../../core/graph";
import { samePadding } from "../../../../core/same-padding";
import { activated, activationOf } from "./activation";

/** What all convolutions have. */
function windowOf(config: Config) {
  const stride = pair(config, "strides", [1, 1]);
  const dilation = pair(config, "dilation_rate", [1, 1]);
  return { kernel: pair(config, "kernel_size"), stride, dilation, same: isSame(config) };
}

type Window = ReturnType<typeof windowOf>;

const ONE: Pair = [1, 1];

const biasSpec = (bias: boolean, size: number | null): readonly TensorSpec[] =>
  bias ? [{ names: ["bias"], shape: [size] }] : [];

function convolution(
  flow: Flow,
  { kernel, stride, dilation, same }: Window,
  sizes: { readonly filters: number; readonly groups: number; readonly bias: boolean },
): Operation {
  const padding = same ? samePadding({ kernel, stride, dilation }, flow.shape) : NO_PADDING;
  return { op: "conv", kernel, stride, dilation, padding, ...sizes };
}

const channelsOf = ({ inputs: [{ shape }] }: Place): number => shape.at(-1) as number;

export const conv2d: LayerReader = (config, version) => {
  const filters = count(config, "filters");
  const groups = count(config, "groups", 1);
  const window = windowOf(config);
  const bias = flag(config, "use_bias", true);
  const operation = activationOf(config["activation"], version);
  return weightedLayer({
    tensors: [{ names: ["kernel"], shape: [...window.kernel, null, filters] }, ...biasSpec(bias, filters)],
    values: (tensors) => ({
      "": { weight: dataOf(tensors, "kernel"), ...(bias && { bias: dataOf(tensors, "bias") }) },
    }),
    nodes: (place) => {
      const [input] = place.inputs;
      return activated(place, operation, place.add("", convolution(input, window, { filters, groups, bias }), input));
    },
  });
};

export const depthwiseConv2d: LayerReader = (config, version) => {
  const multiplier = count(config, "depth_multiplier", 1);
  const window = windowOf(config);
  const bias = flag(config, "use_bias", true);
  const operation = activationOf(config["activation"], version);
  return weightedLayer({
    tensors: [{ names: ["depthwise_kernel", "kernel"], shape: [...window.kernel, null, multiplier] }, ...biasSpec(bias, null)],
    values: (tensors) => ({
      "": { weight: dataOf(tensors, "depthwise_kernel"), ...(bias && { bias: dataOf(tensors, "bias") }) },
    }),
    nodes: (place) => {
      const [input] = place.inputs;
      const groups = channelsOf(place);
      const sizes = { filters: groups * multiplier, groups, bias };
      return activated(place, operation, place.add("", convolution(input, window, sizes), input));
    },
  });
};

/** Two convolutions: one for each channel, then one over the channels, which has the layer's name. */
export const separableConv2d: LayerReader = (config, version): KerasLayer => {
  const filters = count(config, "filters");
  const multiplier = count(config, "depth_multiplier", 1);
  const window = windowOf(config);
  const bias = flag(config, "use_bias", true);
  const operation = activationOf(config["activation"], version);
  if (window.stride.some((step) => step > 1) && window.dilation.some((step) => step > 1)) {
    throw new Unsupported("strides and dilation_rate together are not supported");
  }
  return weightedLayer({
    tensors: [
      { names: ["depthwise_kernel"], shape: [...window.kernel, null, multiplier] },
      { names: ["pointwise_kernel"], shape: [1, 1, null, filters] },
      ...biasSpec(bias, filters),
    ],
    values: (tensors) => ({
      depthwise: { weight: dataOf(tensors, "depthwise_kernel") },
      "": { weight: dataOf(tensors, "pointwise_kernel"), ...(bias && { bias: dataOf(tensors, "bias") }) },
    }),
    nodes: (place) => {
      const [input] = place.inputs;
      const groups = channelsOf(place);
      const sizes = { filters: groups * multiplier, groups, bias: false };
      const depthwise = place.add("depthwise", convolution(input, window, sizes), input);
      const pointwise = { kernel: ONE, stride: ONE, dilation: ONE, same: false };
      const output = place.add("", convolution(depthwise, pointwise, { filters, groups: 1, bias }), depthwise);
      return activated(place, operation, output);
    },
  });
};
