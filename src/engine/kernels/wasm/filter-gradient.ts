/** Gradients of convolution filters, full and depthwise. */
import * as tf from "@tensorflow/tfjs-core";
import { ADD_PARTIALS, DEPTHWISE_FILTER_GRAD, FILTER_GRAD } from "./kernel-ids";
import { address, input, output, register, type Call } from "./register";
import { roundUp4, windowInts, windowOf, type ConvGradAttrs, type Window } from "./window";

interface FilterGradAttrs extends ConvGradAttrs {
  readonly filterShape: [number, number, number, number];
}

/** More partial sums than this add memory traffic, not balance between threads. */
const MAX_GROUPS = 16;
/** Floats of all partial filters of one call: 4 MB. */
const PARTIAL_FLOATS = 1 << 20;
/** Floats of a filter above which each tap is a chunk of its own. */
const LARGE_FILTER = 1 << 16;

export function registerFilterGradients(): void {
  register(tf.Conv2DBackpropFilter, (call: Call<FilterGradAttrs>) => {
    const [x, dy] = [input(call, "x"), input(call, "dy")];
    const { filterShape } = call.attrs;
    const window = windowOf(x.shape, filterShape, call.attrs, false);
    const out = output(call, filterShape);
    filterGradient(call, x, dy, out, window);
    return out;
  });
  register(tf.DepthwiseConv2dNativeBackpropFilter, depthwiseFilterGradient);
}

/** Writes the filter gradient of the convolution described by `window` into `out`. */
export function filterGradient(
  call: Call<unknown>,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  out: tf.TensorInfo,
  window: Window,
): void {
  const { batchSize, filterHeight, filterWidth, inChannels, outChannels } = window;
  const taps = filterHeight * filterWidth;
  const filterFloats = taps * roundUp4(inChannels) * roundUp4(outChannels);
  const groups = Math.min(batchSize, MAX_GROUPS, Math.max(1, Math.floor(PARTIAL_FLOATS / filterFloats)));
  const tapGroups = filterFloats > LARGE_FILTER ? taps : 1;
  const partials = call.module.scratch(4 * groups * filterFloats);
  const ints = [address(call, x), address(call, dy), partials, ...windowInts(window), groups, tapGroups];
  call.module.run(FILTER_GRAD, groups * tapGroups, ints);
  const sizes = [groups, taps, inChannels, outChannels, roundUp4(inChannels)];
  call.module.run(ADD_PARTIALS, taps, [partials, address(call, out), ...sizes]);
}

function depthwiseFilterGradient(call: Call<FilterGradAttrs>): tf.TensorInfo {
  const [x, dy] = [input(call, "x"), input(call, "dy")];
  const { filterShape } = call.attrs;
  const window = windowOf(x.shape, filterShape, call.attrs, true);
  const out = output(call, filterShape);
  const taps = window.filterHeight * window.filterWidth;
  const groups = Math.min(window.batchSize, MAX_GROUPS);
  const partials = call.module.scratch(4 * groups * taps * roundUp4(window.outChannels));
  const ints = [address(call, x), address(call, dy), partials, ...windowInts(window), groups, 1, filterShape[3]];
  call.module.run(DEPTHWISE_FILTER_GRAD, groups, ints);
  call.module.run(ADD_PARTIALS, taps, [partials, address(call, out), groups, taps, 1, window.outChannels, 1]);
  return out;
}
