/** Fake quantization, mixtures and convolution with its gradients, from stock TensorFlow.js operations. */
import * as tf from "@tensorflow/tfjs-core";
import type { Role } from "../../src/core/search";
import { explicitPadding, type ConvNode } from "../../src/engine/ops/conv";
import { gaussian, hwgq } from "../../src/engine/quantizers/hwgq";

/** Those of EdMIPS. */
const QUANTIZERS = { weight: gaussian, activation: hwgq } as const;

/** `sum_k p_k Q_k(x)` over bit-widths, as the mixture kernels define it; without probabilities the one quantized tensor. */
export function composedMixture(x: tf.Tensor, role: Role, bits: readonly number[], p: tf.Tensor | null): tf.Tensor {
  const scale = role === "weight" ? standardDeviation(x) : null;
  const branches = bits.map((width) => fakeQuantize(x, role, width, scale));
  return p ? tf.addN(branches.map((branch, k) => tf.mul(branch, tf.slice(p, k, 1)))) : (branches[0] as tf.Tensor);
}

/** Sample standard deviation, no part of the gradient. */
function standardDeviation(x: tf.Tensor): tf.Tensor {
  const { variance } = tf.moments(x);
  return tf.sqrt(tf.mul(variance, x.size / (x.size - 1)));
}

/** One quantizer with its straight-through gradient. */
function fakeQuantize(x: tf.Tensor, role: Role, bits: number, scale: tf.Tensor | null): tf.Tensor {
  const { step, shift, qMin, qMax, passMin, passMax } = QUANTIZERS[role].row(bits);
  const operation = tf.customGrad((input, save) => {
    const value = input as tf.Tensor;
    const s = scale ? tf.mul(scale, step) : tf.scalar(step);
    const shifted = shift === 0 ? tf.div(value, s) : tf.add(tf.div(value, s), shift);
    const level = tf.clipByValue(tf.round(shifted), qMin, qMax);
    (save as tf.GradSaveFunc)([value]);
    return {
      value: tf.mul(shift === 0 ? level : tf.sub(level, shift), s),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        if (role === "weight") return dy;
        const [before] = saved as [tf.Tensor];
        const passed = tf.logicalAnd(tf.greaterEqual(before, passMin), tf.lessEqual(before, passMax));
        return tf.mul(dy, tf.cast(passed, "float32"));
      },
    };
  });
  return operation(x);
}

/** A convolution whose filter gradient the stock WASM backend can compute. */
export function composedConvolution(x: tf.Tensor4D, w: tf.Tensor4D, node: ConvNode): tf.Tensor4D {
  const strides: [number, number] = [...node.stride];
  const pad = explicitPadding(node.padding);
  const operation = tf.customGrad((input, filter, save) => {
    (save as unknown as tf.GradSaveFunc)([input as tf.Tensor, filter as tf.Tensor]);
    return {
      value: tf.conv2d(input as tf.Tensor4D, filter as tf.Tensor4D, strides, pad),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [before, weights] = saved as [tf.Tensor4D, tf.Tensor4D];
        const attrs = { strides, pad, dataFormat: "NHWC", inputShape: before.shape };
        const dx = tf
          .engine()
          .runKernel<tf.Tensor>(tf.Conv2DBackpropInput, { dy, filter: weights }, attrs as unknown as tf.NamedAttrMap);
        return [dx, filterGradient(before, dy as tf.Tensor4D, weights.shape, strides, pad)];
      },
    };
  });
  return operation(x, w);
}

/**
 * The filter gradient as a convolution, so that XNNPACK runs it: images and channels of `x` change places, the upstream gradient is
 * the filter, dilated by the stride. (A matrix product for each tap takes three times as long.)
 */
function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  [height, width, inputs, outputs]: tf.Tensor4D["shape"],
  strides: [number, number],
  pad: tf.backend_util.ExplicitPadding,
): tf.Tensor4D {
  const swapped = tf.transpose(tf.pad(x, pad), [3, 1, 2, 0]); // [inputs, padded height, padded width, batch]
  const filter = tf.transpose(dy, [1, 2, 0, 3]); // [out height, out width, batch, outputs]
  const sums = tf.conv2d(swapped, filter, 1, "valid", "NHWC", strides); // [inputs, >= height, >= width, outputs]
  return tf.transpose(tf.slice(sums, [0, 0, 0, 0], [inputs, height, width, outputs]), [1, 2, 0, 3]);
}
