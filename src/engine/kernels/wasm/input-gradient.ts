/** Gradients of a convolution's input, full and depthwise. */
import * as tf from "@tensorflow/tfjs-core";
import { DEPTHWISE_INPUT_GRAD, FLIP_FILTER, SCATTER_PHASE } from "./kernel-ids";
import { address, input, output, register, stockKernel, type Call } from "./register";
import { windowInts, windowOf, type ConvGradAttrs, type Window } from "./window";

interface InputGradAttrs extends ConvGradAttrs {
  readonly inputShape: [number, number, number, number];
}

/** Along one axis: which taps reach the input positions `phase`, `phase + stride`, ..., and from which positions of dy. */
interface Phase {
  readonly phase: number;
  /** Input positions of this phase. */
  readonly count: number;
  /** Taps that reach it, and the last of them: it reads dy at the smallest offset. */
  readonly taps: number;
  readonly lastTap: number;
  readonly tapStep: number;
  /** Distance in dy between neighbouring taps. */
  readonly dilation: number;
  /** Zeros before and after dy; negative: dy is cropped. */
  readonly padBefore: number;
  readonly padAfter: number;
}

export function registerInputGradients(): void {
  const stock = { conv2d: stockKernel(tf.Conv2D), slice: stockKernel(tf.Slice) };
  register(tf.Conv2DBackpropInput, (call: Call<InputGradAttrs>) => inputGradient(call, stock));
  register(tf.DepthwiseConv2dNativeBackpropInput, depthwiseInputGradient);
}

interface Stock {
  readonly conv2d: tf.KernelFunc;
  readonly slice: tf.KernelFunc;
}

/**
 * One convolution by XNNPACK for each phase of the stride: no multiplication by an inserted zero. A stride of one has one phase, which
 * is the whole gradient.
 */
function inputGradient(call: Call<InputGradAttrs>, stock: Stock): tf.TensorInfo {
  const window = windowOf(call.attrs.inputShape, input(call, "filter").shape, call.attrs, false);
  const { padInfo, outHeight, outWidth } = window;
  const rows = phases(window.inHeight, window.strideHeight, padInfo.top, window.filterHeight, window.dilationHeight, outHeight);
  const columns = phases(window.inWidth, window.strideWidth, padInfo.left, window.filterWidth, window.dilationWidth, outWidth);
  const [row, column] = [rows[0], columns[0]];
  if (window.strideHeight * window.strideWidth === 1 && row !== undefined && column !== undefined) {
    return phaseGradient(call, stock, window, row, column);
  }
  const dx = output(call, window.inShape);
  const at = address(call, dx) >>> 2;
  if (rows.length < window.strideHeight || columns.length < window.strideWidth) {
    call.module.views().float32.fill(0, at, at + tf.util.sizeFromShape(dx.shape));
  }
  for (const y of rows) {
    for (const x of columns) {
      const part = phaseGradient(call, stock, window, y, x);
      const sizes = [window.inHeight, window.inWidth, window.inChannels, y.count, x.count];
      const steps = [y.phase, x.phase, window.strideHeight, window.strideWidth];
      call.module.run(SCATTER_PHASE, window.batchSize, [address(call, part), address(call, dx), ...sizes, ...steps]);
      call.backend.disposeData(part.dataId);
    }
  }
  return dx;
}

/** The phases of one axis that any tap reaches. */
function phases(size: number, stride: number, pad: number, filterSize: number, dilation: number, outSize: number): Phase[] {
  const found: Phase[] = [];
  for (let phase = 0; phase < Math.min(stride, size); phase++) {
    const taps = Array.from({ length: filterSize }, (_, tap) => tap).filter(
      (tap) => (phase + pad - tap * dilation) % stride === 0,
    );
    const [first, second] = taps;
    const lastTap = taps.at(-1);
    if (first === undefined || lastTap === undefined) continue;
    const tapStep = (second ?? first + 1) - first;
    const count = Math.ceil((size - phase) / stride);
    found.push({
      phase,
      count,
      taps: taps.length,
      lastTap,
      tapStep,
      dilation: taps.length > 1 ? (tapStep * dilation) / stride : 1,
      padBefore: -(phase + pad - lastTap * dilation) / stride,
      padAfter: count - 1 + (phase + pad - first * dilation) / stride - (outSize - 1),
    });
  }
  return found;
}

/** Gradient of the input positions of one phase, [N, rows, columns, C]. */
function phaseGradient(call: Call<unknown>, stock: Stock, window: Window, y: Phase, x: Phase): tf.TensorInfo {
  const { backend, module } = call;
  const { inChannels, outChannels, filterWidth } = window;
  const flipped = output(call, [y.taps, x.taps, outChannels, inChannels]);
  const taps = [filterWidth, inChannels, outChannels, y.lastTap, y.tapStep, x.lastTap, x.tapStep, x.taps];
  module.run(FLIP_FILTER, y.taps, [address(call, input(call, "filter")), address(call, flipped), ...taps]);
  const dy = crop(call, stock, input(call, "dy"), y, x);
  const part = stock.conv2d({
    inputs: { x: dy, filter: flipped },
    attrs: {
      strides: [1, 1],
      dilations: [y.dilation, x.dilation],
      pad: [[0, 0], padding(y), padding(x), [0, 0]],
      dataFormat: "NHWC",
    } as unknown as tf.NamedAttrMap,
    backend,
  }) as tf.TensorInfo;
  backend.disposeData(flipped.dataId);
  backend.disposeData(dy.dataId);
  return part;
}

function padding({ padBefore, padAfter }: Phase): [number, number] {
  return [Math.max(0, padBefore), Math.max(0, padAfter)];
}

/** `dy` without the borders that reach no input position (the forward padding was wider than the filter); a reference if there are none. */
function crop(call: Call<unknown>, stock: Stock, dy: tf.TensorInfo, y: Phase, x: Phase): tf.TensorInfo {
  const [batch = 0, height = 0, width = 0, channels = 0] = dy.shape;
  const [top, bottom, left, right] = [y.padBefore, y.padAfter, x.padBefore, x.padAfter].map((pad) => Math.max(0, -pad)) as [
    number,
    number,
    number,
    number,
  ];
  if (top + bottom + left + right === 0) {
    call.backend.incRef(dy.dataId);
    return dy;
  }
  const attrs = { begin: [0, top, left, 0], size: [batch, height - top - bottom, width - left - right, channels] };
  return stock.slice({ inputs: { x: dy }, attrs, backend: call.backend }) as tf.TensorInfo;
}

function depthwiseInputGradient(call: Call<InputGradAttrs>): tf.TensorInfo {
  const [dy, filter] = [input(call, "dy"), input(call, "filter")];
  const window = windowOf(call.attrs.inputShape, filter.shape, call.attrs, true);
  const dx = output(call, window.inShape);
  const tensors = [filter, dy, dx].map((tensor) => address(call, tensor));
  call.module.run(DEPTHWISE_INPUT_GRAD, window.batchSize, [...tensors, ...windowInts(window), 1, 1, filter.shape[3] ?? 1]);
  return dx;
}
