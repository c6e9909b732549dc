/** Which Keras layer each operation of a graph is. */
import { Unwritable, type DrawNode } from "./drawing";
import { affine, channels, clip, hardSigmoid, pad, pool, resize } from "./plain";
import { batchNorm, convolution, dense, embedding, lstm } from "./weighted";

export const drawNode: DrawNode = (pen) => {
  const { node, inputs } = pen;
  switch (node.op) {
    case "input":
      return pen.layer("", "InputLayer", { batch_input_shape: [null, ...node.shape], dtype: "float32", sparse: false }, []);
    case "conv":
      return convolution(pen, node);
    case "dense":
      return dense(pen, node);
    case "embedding":
      return embedding(pen, node);
    case "lstm":
      return lstm(pen, node);
    case "batchNorm":
      return batchNorm(pen, node);
    case "relu":
      return pen.layer("", "ReLU", { max_value: null });
    case "relu6":
      return pen.layer("", "ReLU", { max_value: 6 });
    case "clip":
      return clip(pen, node);
    case "leakyRelu":
      return pen.layer("", "LeakyReLU", { alpha: node.slope });
    case "sigmoid":
    case "tanh":
    case "elu":
    case "swish":
      return pen.layer("", "Activation", { activation: node.op });
    case "hardSigmoid":
      return hardSigmoid(pen, node);
    case "maxPool":
    case "averagePool":
      return pool(pen, node);
    case "globalAveragePool":
      return pen.layer("", "GlobalAveragePooling2D", { data_format: "channels_last" });
    case "lrn":
      throw new Unwritable("local response normalisation");
    case "affine":
      return affine(pen, node);
    case "add":
      return pen.layer("", "Add", {});
    case "multiply":
      return pen.layer("", "Multiply", {});
    case "concat":
      return pen.layer("", "Concatenate", { axis: -1 });
    case "flatten":
      return pen.layer("", "Flatten", { data_format: "channels_last" });
    case "reshape":
      return pen.layer("", "Reshape", { target_shape: node.shape });
    case "transpose":
      return pen.layer("", "Permute", { dims: node.order.map((axis) => axis + 1) });
    case "pad":
      return pad(pen, node);
    case "resize":
      return resize(pen, node);
    case "channels":
      return channels(pen, node);
    case "dropout":
      return node.rate === 0 ? inputs[0] : pen.layer("", "Dropout", { rate: node.rate });
    case "softmax":
      return pen.layer("", "Softmax", { axis: -1 });
  }
};
