/** autoqnn.conv/1: convolutions with quantized weights and inputs, values and gradients in training mode. */
import * as tf from "@tensorflow/tfjs-core";
import { published, publishedStatistics, quantize } from "./autoqnn-published";
import { compare, type CaseResult, type Comparison } from "./compare";
import { field, tensorOf, toTensor, toleranceOf, type Json } from "./read";

export function checkQuantizedConvolutions(json: Json): Promise<readonly CaseResult[]> {
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const names = ["weight_quant", "weight_bits", "act_quant", "act_bits"].map((name) => field<string | number>(entry, name));
    const comparison = compare(names.join(" "), toleranceOf(json));
    tf.tidy(() => checkConvolution(comparison, entry));
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function checkConvolution(comparison: Comparison, entry: Json): void {
  const quantizer = (role: "weight" | "act") =>
    published(field<string>(entry, `${role}_quant`).replace(/Act$/, ""), field(entry, `${role}_bits`));
  const as = (role: "weight" | "act") => (x: tf.Tensor) =>
    quantize(x, [quantizer(role).row], publishedStatistics(x, [quantizer(role)]));
  const [stride, padding] = [field<number>(entry, "config", "stride"), field<number>(entry, "config", "padding")];
  const [x, weight] = [toTensor(tensorOf(entry["x"])), toTensor(tensorOf(entry["weight"]))];
  const bias = entry["bias"] ? tf.tensor1d(field<number[]>(entry, "bias")) : tf.zeros([weight.shape[3] as number]);
  const around = [padding, padding] as [number, number];
  const layer = (v: tf.Tensor, w: tf.Tensor, b: tf.Tensor): tf.Tensor => {
    const padded = tf.pad(as("act")(v) as tf.Tensor4D, [[0, 0], around, around, [0, 0]]);
    return tf.add(tf.conv2d(padded, as("weight")(w) as tf.Tensor4D, stride, "valid"), b);
  };
  const grads = tf.grads(layer)([x, weight, bias], toTensor(tensorOf(entry["upstream"])));
  comparison.check("quantized weight", as("weight")(weight), tensorOf(entry["quantized_weight"]).data);
  comparison.check("y", layer(x, weight, bias), tensorOf(entry["y"]).data);
  comparison.check("grad x", grads[0] as tf.Tensor, tensorOf(field(entry, "grad", "x")).data);
  comparison.check("grad weight", grads[1] as tf.Tensor, tensorOf(field(entry, "grad", "weight")).data);
  if (entry["bias"]) comparison.check("grad bias", grads[2] as tf.Tensor, field(entry, "grad", "bias"));
}
