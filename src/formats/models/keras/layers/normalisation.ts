/** Layers that shift and scale. */
import type { Shape } from "../../../../core/graph";
import { flag, integers, numbers, only, real, Unsupported, type Config } from "../config";
import { dataOf, plainLayer, weightedLayer, type LayerReader, type TensorSpec } from "../layer";

/** The axis of an input without its batch, counted from its end: -1 is the last one. */
const isLast = (axis: number, shape: Shape): boolean => axis === -1 || axis === shape.length;

function checkAxis(axes: readonly number[], { length }: Shape, node: string): void {
  const [axis = -1, ...more] = axes;
  if (more.length > 0 || !isLast(axis, Array.from({ length }))) {
    throw new RangeError(
      `A layer after "${node}" normalises along the axis ${axes.join(", ")}, and only the last one is supported.`,
    );
  }
}

const axesOf = (config: Config): readonly number[] =>
  "axis" in config && config["axis"] !== null ? integers(config, "axis") : [];

/** Keras's momentum m is how much of the old statistics stays; here it is what the batch adds, 1 - m. */
export const batchNormalization: LayerReader = (config) => {
  only(config, "renorm", false);
  only(config, "virtual_batch_size");
  const epsilon = real(config, "epsilon", 1e-3);
  const momentum = 1 - real(config, "momentum", 0.99);
  const [scale, center] = [flag(config, "scale", true), flag(config, "center", true)];
  const axes = axesOf(config);
  const spec = (name: string): TensorSpec => ({ names: [name], shape: [null] });
  return weightedLayer({
    tensors: [...(scale ? [spec("gamma")] : []), ...(center ? [spec("beta")] : []), spec("moving_mean"), spec("moving_variance")],
    values: (tensors) => {
      const mean = dataOf(tensors, "moving_mean");
      return {
        "": {
          weight: scale ? dataOf(tensors, "gamma") : new Float32Array(mean.length).fill(1),
          bias: center ? dataOf(tensors, "beta") : new Float32Array(mean.length),
          mean,
          variance: dataOf(tensors, "moving_variance"),
        },
      };
    },
    nodes: ({ add, inputs: [input] }) => {
      checkAxis(axes, input.shape, input.node);
      return add("", { op: "batchNorm", epsilon, momentum }, input);
    },
  });
};

export const rescaling: LayerReader = (config) => {
  const scale = numbers(config, "scale");
  if (!scale) throw new Unsupported("it has no scale");
  const shift = numbers(config, "offset") ?? [0];
  return plainLayer(({ add, inputs: [input] }) => add("", { op: "affine", scale, shift }, input));
};

/** Keras divides by no deviation below this. */
const LEAST_DEVIATION = 1e-7;

/** (x - mean) / deviation with constants out of the settings or, where it was fitted to data, out of the weights. */
export const normalization: LayerReader = (config) => {
  only(config, "invert", false);
  const [mean, variance] = [numbers(config, "mean"), numbers(config, "variance")];
  const axes = axesOf(config);
  const any = (name: string): TensorSpec => ({ names: [name], shape: null });
  return weightedLayer({
    tensors: mean && variance ? [] : [any("mean"), any("variance")],
    values: () => ({}),
    nodes: ({ add, tensors, inputs: [input] }) => {
      checkAxis(axes, input.shape, input.node);
      const means = mean ?? [...dataOf(tensors, "mean")];
      const deviations = (variance ?? [...dataOf(tensors, "variance")]).map((value) =>
        Math.max(Math.sqrt(value), LEAST_DEVIATION),
      );
      const length = Math.max(means.length, deviations.length);
      if ([means, deviations].some((list) => list.length !== 1 && list.length !== length))
        throw new RangeError(`A layer after "${input.node}" has ${means.length} means and ${deviations.length} variances.`);
      const at = (list: readonly number[], i: number): number => list[list.length === 1 ? 0 : i] ?? NaN;
      const scale = Array.from({ length }, (_, i) => 1 / at(deviations, i));
      return add("", { op: "affine", scale, shift: scale.map((factor, i) => -at(means, i) * factor) }, input);
    },
  });
};
