/** Shapes of a convolution as the assembly wants them. */
import * as tf from "@tensorflow/tfjs-core";

/** Attributes of TensorFlow.js' gradient kernels. Its own gradients never pass dilations; ours may. */
export interface ConvGradAttrs {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dilations?: number | [number, number];
}

export type Window = tf.backend_util.Conv2DInfo;

type Shape4D = [number, number, number, number];

/** Sizes, strides and padding of a convolution of `inputShape` with `filterShape`. */
export function windowOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvGradAttrs,
  depthwise: boolean,
): Window {
  if (attrs.dataFormat === "NCHW") throw new Error("The WASM backend convolves NHWC tensors only.");
  return tf.backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
  );
}

/** The integers that follow the three addresses in `assembly/geometry.ts`, up to the dilations. */
export function windowInts(window: Window): number[] {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = window;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo, dilationHeight, dilationWidth } = window;
  const sizes = [batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth];
  return [...sizes, strideHeight, strideWidth, padInfo.top, padInfo.left, dilationHeight, dilationWidth];
}

export function roundUp4(n: number): number {
  return Math.ceil(n / 4) * 4;
}
