/** Nodes without parameters as Keras layers. */
import { NO_PADDING, type GraphNode } from "../../../core/graph";
import { Unwritable, type Output, type Pen, type Weight } from "./drawing";
import { hasPadding, paddingWord, zeroPadded } from "./window";

type NodeOf<Op extends GraphNode["op"]> = GraphNode & { readonly op: Op };

const CHANNELS_LAST = { data_format: "channels_last" };

/** min(max(x, min), max), by shifting what Keras's ReLU cuts off. */
export function clip(pen: Pen, { min, max }: NodeOf<"clip">): Output {
  if (min === 0) return pen.layer("", "ReLU", { max_value: max });
  const shifted = pen.layer("shifted", "Rescaling", { scale: 1, offset: -min });
  const cut = pen.layer("cut", "ReLU", { max_value: max - min }, [shifted]);
  return pen.layer("", "Rescaling", { scale: 1, offset: min }, [cut]);
}

/** In steps: Keras's function of that name is not the same in all versions. */
export function hardSigmoid(pen: Pen, { slope, offset, gated }: NodeOf<"hardSigmoid">): Output {
  const scaled = pen.layer("scaled", "Rescaling", { scale: slope, offset });
  if (!gated) return pen.layer("", "ReLU", { max_value: 1 }, [scaled]);
  const gate = pen.layer("gate", "ReLU", { max_value: 1 }, [scaled]);
  return pen.layer("", "Multiply", {}, [...pen.inputs, gate]);
}

export function pool(pen: Pen, node: NodeOf<"maxPool" | "averagePool">): Output {
  const [className, counted] =
    node.op === "maxPool" ? ["MaxPooling2D", NO_PADDING] : ["AveragePooling2D", node.counted ?? NO_PADDING];
  const write = (padding: "valid" | "same", inputs: readonly Output[]): Output =>
    pen.layer("", className, { pool_size: node.kernel, strides: node.stride, padding, ...CHANNELS_LAST }, inputs);
  const word = paddingWord(node, pen.shape);
  const countsAll = JSON.stringify(counted) === JSON.stringify(node.padding);
  if (word === "valid") return write("valid", pen.inputs);
  if (word === "same" && !hasPadding(counted)) return write("same", pen.inputs);
  // Zeros win no maximum among values that are not negative, and count in an average as they should.
  if (node.op === "maxPool" ? pen.nonNegative : countsAll) return write("valid", [zeroPadded(pen, node.padding)]);
  throw new Unwritable(
    node.op === "maxPool" ? "its padding, over values that may be negative" : "its padding, which counts in no average",
  );
}

/** Constants: one number each as a Rescaling, others as the batch normalisation that computes the same. */
export function affine(pen: Pen, { scale, shift }: NodeOf<"affine">): Output {
  const [factor = 1] = scale;
  const [offset = 0] = shift;
  if (scale.length === 1 && shift.length === 1) return pen.layer("", "Rescaling", { scale: factor, offset });
  pen.note(`"${pen.node.name}" scales each channel by constants: it is written as a BatchNormalization that is not trained.`);
  const channels = pen.shape.at(-1) ?? 1;
  const constant = (name: string, values: readonly number[]): Weight => ({
    name,
    shape: [channels],
    values: () => Float32Array.from({ length: channels }, (_, i) => values[values.length === 1 ? 0 : i] ?? 0),
  });
  const config = { axis: -1, momentum: 1, epsilon: 0, center: true, scale: true, trainable: false };
  return pen.layer("", "BatchNormalization", config, pen.inputs, [
    constant("gamma", scale),
    constant("beta", shift),
    constant("moving_mean", [0]),
    constant("moving_variance", [1]),
  ]);
}

/** One channel repeated, or the mean of several as a convolution. */
export function channels(pen: Pen, node: NodeOf<"channels">): Output {
  const [input] = pen.inputs;
  const given = pen.shape[2] ?? 1;
  if (node.channels === given) return input;
  if (given === 1) {
    return pen.layer(
      "",
      "Concatenate",
      { axis: -1 },
      Array.from({ length: node.channels }, () => input),
    );
  }
  pen.note(`"${node.name}" averages the channels: it is written as a convolution that is not trained.`);
  const config = {
    ...{ filters: 1, kernel_size: [1, 1], strides: [1, 1], padding: "valid", dilation_rate: [1, 1], ...CHANNELS_LAST },
    ...{ activation: "linear", use_bias: false, trainable: false },
  };
  const kernel: Weight = { name: "kernel", shape: [1, 1, given, 1], values: () => new Float32Array(given).fill(1 / given) };
  return pen.layer("", "Conv2D", config, pen.inputs, [kernel]);
}

export function pad(pen: Pen, { padding, value }: NodeOf<"pad">): Output {
  if (value !== 0) throw new Unwritable(`padding with ${value}`);
  const { top, right, bottom, left } = padding;
  return pen.layer("", "ZeroPadding2D", {
    padding: [
      [top, bottom],
      [left, right],
    ],
    ...CHANNELS_LAST,
  });
}

export function resize(pen: Pen, { size: [height, width] }: NodeOf<"resize">): Output {
  pen.note(`"${pen.node.name}" resizes images as Keras does; TensorFlow.js's layer places pixels a little differently.`);
  return pen.layer("", "Resizing", { height, width, interpolation: "bilinear", crop_to_aspect_ratio: false });
}
