/** Activations, as layers and as a setting of other layers. */
import { quoted } from "../../../../core/json";
import type { Operation } from "../../../../core/graph";
import { isRecord, only, real, Unsupported } from "../config";
import { operationLayer, plainLayer, type Flow, type LayerReader, type Place } from "../layer";

const LEAKY_SLOPE = 0.2;

/** hard_sigmoid was another function before Keras 3, and still is in TensorFlow.js. */
const hardSigmoid = (version: number): Operation => ({
  op: "hardSigmoid",
  slope: version >= 3 ? 1 / 6 : 0.2,
  offset: 0.5,
  gated: false,
});

const hardSwish: Operation = { op: "hardSigmoid", slope: 1 / 6, offset: 0.5, gated: true };

const FUNCTIONS: Readonly<Record<string, (version: number) => Operation>> = {
  relu: () => ({ op: "relu" }),
  relu6: () => ({ op: "relu6" }),
  leaky_relu: () => ({ op: "leakyRelu", slope: LEAKY_SLOPE }),
  sigmoid: () => ({ op: "sigmoid" }),
  tanh: () => ({ op: "tanh" }),
  elu: () => ({ op: "elu" }),
  swish: () => ({ op: "swish" }),
  silu: () => ({ op: "swish" }),
  softmax: () => ({ op: "softmax" }),
  hard_sigmoid: hardSigmoid,
  hard_swish: () => hardSwish,
  hard_silu: () => hardSwish,
};

/** The operation of an `activation` setting; null for none. Keras writes a name, or a function by its name. */
export function activationOf(setting: unknown, version: number): Operation | null {
  const value = isRecord(setting) && setting["class_name"] === "function" ? setting["config"] : (setting ?? "linear");
  if (value === "linear") return null;
  const found = typeof value === "string" && Object.hasOwn(FUNCTIONS, value) ? FUNCTIONS[value] : undefined;
  if (!found) {
    const name = isRecord(value) ? value["class_name"] : value;
    throw new Unsupported(`the activation ${quoted(String(name))} is not supported`);
  }
  return found(version);
}

/** Appends the activation, if there is one, to a layer's output. */
export const activated = ({ add }: Place, operation: Operation | null, flow: Flow): Flow =>
  operation ? add(operation.op, operation, flow) : flow;

export const activation: LayerReader = (config, version) => {
  const operation = activationOf(config["activation"], version);
  return operation ? operationLayer(operation) : plainLayer(({ inputs }) => inputs[0]);
};

export const reluLayer: LayerReader = (config) => {
  only(config, "threshold", 0);
  const slope = real(config, "negative_slope", 0);
  const most = config["max_value"] == null ? null : real(config, "max_value", 0);
  if (slope !== 0) {
    if (most !== null) throw new Unsupported("max_value and negative_slope together are not supported");
    return operationLayer({ op: "leakyRelu", slope });
  }
  if (most === null) return operationLayer({ op: "relu" });
  return operationLayer(most === 6 ? { op: "relu6" } : { op: "clip", min: 0, max: most });
};

/** Keras 3 renamed its slope. */
export const leakyRelu: LayerReader = (config) =>
  operationLayer({ op: "leakyRelu", slope: real(config, "negative_slope" in config ? "negative_slope" : "alpha", 0.3) });

export const elu: LayerReader = (config) => {
  only(config, "alpha", 1);
  return operationLayer({ op: "elu" });
};

export const softmax: LayerReader = (config) => {
  only(config, "axis", -1);
  return operationLayer({ op: "softmax" });
};
