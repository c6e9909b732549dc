/** Nodes with parameters as Keras layers. */
import { GATES, isDepthwise, type GraphNode, type Shape } from "../../../core/graph";
import { Unwritable, type Output, type Pen, type Weight } from "./drawing";
import { paddingWord, zeroPadded } from "./window";

type NodeOf<Op extends GraphNode["op"]> = GraphNode & { readonly op: Op };

/** A parameter of the layer, as it is. */
const weight = ({ owner, parameters }: Pen, name: string, parameter: string, shape?: Shape): Weight => ({
  name,
  shape: shape ?? parameters[parameter] ?? [],
  values: (read) => read(`${owner}.${parameter}`),
});

const biasOf = (pen: Pen, has: boolean): readonly Weight[] => (has ? [weight(pen, "bias", "bias")] : []);

export function convolution(pen: Pen, node: NodeOf<"conv">): Output {
  const { kernel, stride, dilation, filters, groups, bias } = node;
  const channels = pen.shape[2] ?? 1;
  if (Math.max(...stride) > 1 && Math.max(...dilation) > 1) throw new Unwritable("a stride and a dilation together");
  const word = paddingWord(node, pen.shape);
  const inputs = word === null ? [zeroPadded(pen, node.padding)] : pen.inputs;
  const window = {
    kernel_size: kernel,
    strides: stride,
    padding: word ?? "valid",
    data_format: "channels_last",
    dilation_rate: dilation,
    activation: "linear",
    use_bias: bias,
  };
  if (isDepthwise(node, channels)) {
    const kernels = weight(pen, "depthwise_kernel", "weight");
    const config = { ...window, depth_multiplier: filters / channels };
    return pen.layer("", "DepthwiseConv2D", config, inputs, [kernels, ...biasOf(pen, bias)]);
  }
  const kernels = groups === 1 ? weight(pen, "kernel", "weight") : fullKernel(pen, node, channels);
  return pen.layer("", "Conv2D", { ...window, filters }, inputs, [kernels, ...biasOf(pen, bias)]);
}

/** The kernel of a convolution in groups among the zeros of one without: TensorFlow.js's layer has no groups. */
function fullKernel(pen: Pen, { kernel: [height, width], filters, groups }: NodeOf<"conv">, channels: number): Weight {
  pen.note(`"${pen.node.name}" has ${groups} groups, which TensorFlow.js does not: it is written with zeros between them.`);
  const [inputs, outputs] = [channels / groups, filters / groups];
  return {
    name: "kernel",
    shape: [height, width, channels, filters],
    values: (read) => {
      const values = read(`${pen.owner}.weight`);
      const full = new Float32Array(height * width * channels * filters);
      for (let i = 0; i < values.length; i++) {
        const [row, filter] = [Math.floor(i / filters), i % filters];
        const [pixel, input] = [Math.floor(row / inputs), row % inputs];
        const channel = Math.floor(filter / outputs) * inputs + input;
        full[(pixel * channels + channel) * filters + filter] = values[i] ?? 0;
      }
      return full;
    },
  };
}

export function dense(pen: Pen, { units, bias }: NodeOf<"dense">): Output {
  const config = { units, activation: "linear", use_bias: bias };
  return pen.layer("", "Dense", config, pen.inputs, [weight(pen, "kernel", "weight"), ...biasOf(pen, bias)]);
}

export function embedding(pen: Pen, { vocabulary, size }: NodeOf<"embedding">): Output {
  const config = { input_dim: vocabulary, output_dim: size, mask_zero: false, input_length: pen.shape[0] ?? 1 };
  return pen.layer("", "Embedding", config, pen.inputs, [weight(pen, "embeddings", "weight")]);
}

export function lstm(pen: Pen, { units, returns }: NodeOf<"lstm">): Output {
  const features = pen.shape[1] ?? 1;
  const config = {
    units,
    activation: "tanh",
    recurrent_activation: "sigmoid",
    use_bias: true,
    return_sequences: returns === "sequence",
    return_state: false,
    go_backwards: false,
    stateful: false,
    unroll: false,
  };
  /** Rows `from` to `to` of the gates' matrices side by side. */
  const rows = (name: string, from: number, to: number): Weight => ({
    name,
    shape: [to - from, 4 * units],
    values: (read) => {
      const gates = GATES.map((gate) => read(`${pen.owner}.${gate}.weight`));
      const joined = new Float32Array((to - from) * 4 * units);
      for (let row = from; row < to; row++) {
        gates.forEach((gate, i) => joined.set(gate.subarray(row * units, (row + 1) * units), ((row - from) * 4 + i) * units));
      }
      return joined;
    },
  });
  const bias: Weight = {
    name: "bias",
    shape: [4 * units],
    values: (read) => Float32Array.from(GATES.flatMap((gate) => [...read(`${pen.owner}.${gate}.bias`)])),
  };
  return pen.layer("", "LSTM", config, pen.inputs, [
    rows("kernel", 0, features),
    rows("recurrent_kernel", features, features + units),
    bias,
  ]);
}

/**
 * One that shares another one's weights has running statistics of its own, which a Keras layer that is applied twice has not: it is written
 * as a layer with a copy of the weights.
 */
export function batchNorm(pen: Pen, { name, epsilon, momentum, weightOf }: NodeOf<"batchNorm">): Output {
  if (weightOf !== undefined) pen.note(`"${name}" shares the weights of "${weightOf}" here, and is written with a copy of them.`);
  const config = { axis: -1, momentum: 1 - momentum, epsilon, center: true, scale: true };
  const statistic = (keras: string, own: string): Weight => ({
    name: keras,
    shape: [pen.shape.at(-1) ?? 1],
    values: (read) => read(`${name}.${own}`),
  });
  return pen.layer(weightOf === undefined ? "" : "copy", "BatchNormalization", config, pen.inputs, [
    weight(pen, "gamma", "weight"),
    weight(pen, "beta", "bias"),
    statistic("moving_mean", "mean"),
    statistic("moving_variance", "variance"),
  ]);
}
