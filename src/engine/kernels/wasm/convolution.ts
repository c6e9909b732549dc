/** Convolutions: the forward pass and the gradient of the input, which is one convolution for each phase of the stride. */
import * as tf from "@tensorflow/tfjs-core";
import { CONVOLVE, DEPTHWISE_INPUT_GRAD, PACK_FILTER } from "./kernel-ids";
import { address, input, output, register, stockKernel, type Call } from "./register";
import { windowInts, windowOf, type ConvGradAttrs, type Window } from "./window";

interface InputGradAttrs extends ConvGradAttrs {
  readonly inputShape: [number, number, number, number];
}

export function registerConvolutions(): void {
  register(tf.Conv2D, conv2d);
  register(tf.Conv2DBackpropInput, inputGradient);
  const stockDepthwise = stockKernel(tf.DepthwiseConv2dNative);
  register(tf.DepthwiseConv2dNativeBackpropInput, (call: Call<InputGradAttrs>) => depthwiseInputGradient(call, stockDepthwise));
}

/** Output channels of a panel of the packed filter. */
const PANEL = 8;
/** Bytes of the input rows of a band: they stay in the second-level cache while every panel passes over them. */
const BAND_BYTES = 65536;
/** More chunks than this add working memory, not balance between threads. */
const MAX_CHUNKS = 32;

/** Along one axis of a convolution: sizes, and which taps of the filter it has, in which order. */
export interface Axis {
  readonly size: number;
  readonly outSize: number;
  readonly taps: number;
  readonly firstTap: number;
  readonly tapStep: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the first position; negative: positions skipped. */
  readonly pad: number;
}

/** One convolution as the kernel wants it. Steps of the output are in floats. */
interface Convolution {
  readonly from: tf.TensorInfo;
  readonly filter: tf.TensorInfo;
  readonly to: number;
  readonly batch: number;
  readonly y: Axis;
  readonly x: Axis;
  readonly inner: number;
  readonly outer: number;
  /** True convolves with the transposed taps of the filter: inner are its output channels. */
  readonly transposed: boolean;
  readonly image: number;
  readonly row: number;
  readonly position: number;
}

function conv2d(call: Call<ConvGradAttrs>): tf.TensorInfo {
  const [from, filter] = [input(call, "x"), input(call, "filter")];
  const window = windowOf(from.shape, filter.shape, call.attrs, false);
  const { padInfo, inChannels, outChannels } = window;
  const out = output(call, window.outShape);
  const axis = (size: number, outSize: number, taps: number, stride: number, dilation: number, pad: number): Axis => {
    return { size, outSize, taps, firstTap: 0, tapStep: 1, stride, dilation, pad };
  };
  const [inWidth, outWidth] = [window.inWidth, window.outWidth];
  // The rows of all images are one image to a filter of one tap without padding: small images then fill tiles too.
  const { filterHeight, strideHeight } = window;
  const whole = filterHeight === 1 && strideHeight === 1 && window.outHeight === window.inHeight && padInfo.top === 0;
  const images = whole ? window.batchSize : 1;
  const [inHeight, outHeight] = [window.inHeight * images, window.outHeight * images];
  convolve(call, {
    from,
    filter,
    to: address(call, out),
    batch: window.batchSize / images,
    y: axis(inHeight, outHeight, filterHeight, strideHeight, window.dilationHeight, padInfo.top),
    x: axis(inWidth, outWidth, window.filterWidth, window.strideWidth, window.dilationWidth, padInfo.left),
    inner: inChannels,
    outer: outChannels,
    transposed: false,
    image: outHeight * outWidth * outChannels,
    row: outWidth * outChannels,
    position: outChannels,
  });
  return out;
}

/** The input positions y = phase, phase + stride, ... are a stride-1 convolution of dy with those taps that reach them. */
function inputGradient(call: Call<InputGradAttrs>): tf.TensorInfo {
  const [from, filter] = [input(call, "dy"), input(call, "filter")];
  const window = windowOf(call.attrs.inputShape, filter.shape, call.attrs, false);
  const { padInfo, outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth, inChannels } = window;
  const rows = phases(inHeight, strideHeight, padInfo.top, window.filterHeight, window.dilationHeight, outHeight);
  const columns = phases(inWidth, strideWidth, padInfo.left, window.filterWidth, window.dilationWidth, outWidth);
  const dx = output(call, window.inShape);
  const at = address(call, dx);
  if (rows.length < strideHeight || columns.length < strideWidth) {
    call.module.views().float32.fill(0, at >>> 2, (at >>> 2) + tf.util.sizeFromShape(dx.shape));
  }
  for (const { phase: phaseY, axis: y } of rows) {
    for (const { phase: phaseX, axis: x } of columns) {
      convolve(call, {
        from,
        filter,
        to: at + 4 * (phaseY * inWidth + phaseX) * inChannels,
        batch: window.batchSize,
        y,
        x,
        inner: window.outChannels,
        outer: inChannels,
        transposed: true,
        image: inHeight * inWidth * inChannels,
        row: strideHeight * inWidth * inChannels,
        position: strideWidth * inChannels,
      });
    }
  }
  return dx;
}

/** The phases of one axis that any tap reaches. */
function phases(
  size: number,
  stride: number,
  pad: number,
  filterSize: number,
  dilation: number,
  outSize: number,
): { phase: number; axis: Axis }[] {
  return Array.from({ length: Math.min(stride, size) }, (_, phase) => phase).flatMap((phase) => {
    const taps = Array.from({ length: filterSize }, (_, tap) => tap).filter(
      (tap) => (phase + pad - tap * dilation) % stride === 0,
    );
    const last = taps.at(-1);
    if (last === undefined) return [];
    // The last tap reads the earliest position of dy.
    const step = taps.length > 1 ? last - (taps.at(-2) ?? 0) : 1;
    const axis = {
      size: outSize,
      outSize: Math.ceil((size - phase) / stride),
      taps: taps.length,
      firstTap: last,
      tapStep: -step,
      stride: 1,
      dilation: taps.length > 1 ? (step * dilation) / stride : 1,
      pad: -(phase + pad - last * dilation) / stride,
    };
    return [{ phase, axis }];
  });
}

/** Packs the filter, then convolves. */
export function convolve(
  call: Call<unknown>,
  { from, filter, to, batch, y, x, inner, outer, transposed, image, row, position }: Convolution,
): void {
  const { module } = call;
  const reach = (axis: Axis, count: number): number => (count - 1) * axis.stride + (axis.taps - 1) * axis.dilation + 1;
  const padded = [y, x].some((axis) => axis.pad !== 0 || reach(axis, axis.outSize) > axis.size);
  const rowBytes = 4 * inner * (padded ? reach(x, x.outSize) : x.size);
  const bandRows = Math.max(1, Math.min(y.outSize, Math.floor(BAND_BYTES / (rowBytes * y.stride))));
  const chunks = Math.min(MAX_CHUNKS, batch * Math.ceil(y.outSize / bandRows));
  const bandBytes = padded ? rowBytes * reach(y, bandRows) : 0;

  const panels = Math.ceil(outer / PANEL);
  const packed = module.scratch(4 * panels * PANEL * inner * y.taps * x.taps + chunks * bandBytes);
  const bands = packed + 4 * panels * PANEL * inner * y.taps * x.taps;
  const steps = transposed ? [1, inner] : [outer, 1];
  const taps = [y.taps, x.taps, y.firstTap, y.tapStep, x.firstTap, x.tapStep];
  module.run(PACK_FILTER, panels, [
    address(call, filter),
    packed,
    inner * outer,
    filter.shape[1] ?? 1,
    inner,
    outer,
    ...steps,
    ...taps,
  ]);
  const sizes = [batch, y.size, x.size, inner, y.outSize, x.outSize, outer, y.taps, x.taps];
  const window = [y.stride, x.stride, y.pad, x.pad, y.dilation, x.dilation];
  const layout = [image, row, position, bandRows, chunks, bands, bandBytes];
  module.run(CONVOLVE, chunks, [address(call, from), packed, to, ...sizes, ...window, ...layout]);
}

function depthwiseInputGradient(call: Call<InputGradAttrs>, stockForward: tf.KernelFunc): tf.TensorInfo {
  const [dy, filter] = [input(call, "dy"), input(call, "filter")];
  const window: Window = windowOf(call.attrs.inputShape, filter.shape, call.attrs, true);
  const pad = reversedPadding(window);
  if (pad !== null && filter.shape[3] === 1) {
    const reversed = reverseTaps(call, filter);
    const attrs = { strides: 1, pad, dilations: [window.dilationHeight, window.dilationWidth] };
    const dx = stockForward({
      inputs: { x: dy, filter: reversed },
      attrs: attrs as unknown as tf.NamedAttrMap,
      backend: call.backend,
    }) as tf.TensorInfo;
    call.backend.disposeData(reversed.dataId);
    return dx;
  }
  const dx = output(call, window.inShape);
  const tensors = [filter, dy, dx].map((tensor) => address(call, tensor));
  call.module.run(DEPTHWISE_INPUT_GRAD, window.batchSize, [...tensors, ...windowInts(window), 1, 1, filter.shape[3] ?? 1]);
  return dx;
}

/** Taps of the largest filter for which XNNPACK is faster: by 13 to 45 % with 3 x 3, and slower with 5 x 5. */
const MOST_TAPS = 9;

/** Padding of the convolution of dy that gives dx; null where it is none that XNNPACK can do, or does faster. */
function reversedPadding(window: Window): tf.backend_util.ExplicitPadding | null {
  const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } = window;
  const [height, width] = [(window.filterHeight - 1) * dilationHeight, (window.filterWidth - 1) * dilationWidth];
  const sides = [height - padInfo.top, height - padInfo.bottom, width - padInfo.left, width - padInfo.right] as const;
  if (strideHeight !== 1 || strideWidth !== 1 || Math.min(...sides) < 0) return null;
  if (window.filterHeight * window.filterWidth > MOST_TAPS) return null;
  const [top, bottom, left, right] = sides;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/** A depthwise filter with its taps in reverse. */
function reverseTaps(call: Call<unknown>, filter: tf.TensorInfo): tf.TensorInfo {
  const [height = 0, width = 0, channels = 0] = filter.shape;
  const reversed = output(call, filter.shape);
  const { float32 } = call.module.views();
  const [from, to] = [filter, reversed].map((tensor) => address(call, tensor) >>> 2) as [number, number];
  for (let tap = 0, last = height * width - 1; tap <= last; tap++) {
    float32.copyWithin(to + (last - tap) * channels, from + tap * channels, from + (tap + 1) * channels);
  }
  return reversed;
}
