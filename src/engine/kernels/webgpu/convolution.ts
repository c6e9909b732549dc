/**
 * Gradients of convolution filters, image layout [batch, height, width, channels], any stride, padding and dilation. The stock kernels
 * give each weight to one invocation that walks over all pixels of the batch; these share the pixels among many workgroups and add
 * their partial results. The stock gradients of the input are as parallel as the image and stay.
 */
import {
  backend_util,
  util,
  type Conv2DBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { DEPTHWISE_UNIFORMS, depthwiseGradient, FILTER_UNIFORMS, filterGradientOperands } from "./convolution-shaders";
import { dispatch } from "./dispatch";
import { matrixProduct, TILE_DEPTH, tileFor, tilesOf } from "./matrix-product";
import { sumRows } from "./sum-rows";
import { columnLanes, LANES, partsOf } from "./wgsl";

/** TensorFlow.js has no dilation in these attributes, because it does not differentiate dilated convolutions; a caller may add it. */
interface Dilated {
  readonly dilations?: [number, number] | number;
}

/** -> [filter height, filter width, channels in, channels out], a matrix product with x and dy. */
export function convolutionFilterGradient(
  backend: WebGPUBackend,
  { x, dy }: Record<"x" | "dy", TensorInfo>,
  { filterShape, strides, pad, dimRoundingMode, dataFormat, dilations = 1 }: Conv2DBackpropFilterAttrs & Dilated,
): TensorInfo {
  util.assert(dataFormat === "NHWC", () => `The gradient of a convolution needs the layout NHWC, not ${dataFormat}.`);
  const info = backend_util.computeConv2DInfo(x.shape as Shape4, filterShape, strides, dilations, pad, dimRoundingMode);
  const rows = info.filterHeight * info.filterWidth * info.inChannels;
  const columns = info.outChannels;
  const pixels = pixelsOf(info);
  const tile = tileFor(rows, columns);
  const [across, down] = tilesOf(tile, rows, columns);
  const wantedParts = Math.min(WANTED_GROUPS / (across * down), pixels / LEAST_PIXELS);
  const parts = partsOf(Math.ceil(pixels / TILE_DEPTH), wantedParts);
  const partials = backend.makeTensorInfo([parts, rows, columns], "float32");
  const widths = [widthOf(info.inChannels), widthOf(info.outChannels)] as const;
  dispatch(backend, {
    key: `convolutionFilterGradient_${tile.rows}x${tile.columns}_${widths.join("_")}`,
    shader: () => ({
      inputs: [`x: ${ELEMENT[widths[0]]}`, `dy: ${ELEMENT[widths[1]]}`],
      outputs: ["product: f32"],
      uniforms: FILTER_UNIFORMS,
      code: matrixProduct(tile, filterGradientOperands(...widths)),
    }),
    inputs: [x, dy],
    outputs: [partials],
    uniforms: [rows, columns, pixels, info.inChannels, ...geometryOf(info)],
    workgroups: [across, down, parts],
  });
  return sumRows(backend, partials, rows * columns, info.filterShape);
}

/** -> [filter height, filter width, channels, multiplier]. */
export function depthwiseFilterGradient(
  backend: WebGPUBackend,
  { x, dy }: Record<"x" | "dy", TensorInfo>,
  { filterShape, strides, pad, dimRoundingMode, dilations }: DepthwiseConv2dNativeBackpropFilterAttrs,
): TensorInfo {
  const info = backend_util.computeConv2DInfo(x.shape as Shape4, filterShape, strides, dilations, pad, dimRoundingMode, true);
  const taps = info.filterHeight * info.filterWidth;
  const columns = columnLanes(info.outChannels);
  const blocks = Math.ceil(info.outChannels / columns);
  const pixels = pixelsOf(info);
  const together = Math.min(taps, MOST_TAPS);
  const tapGroups = Math.ceil(taps / together);
  const wantedParts = Math.min(WANTED_GROUPS / (blocks * tapGroups), pixels / (PIXELS_PER_LANE * (LANES / columns)));
  const parts = partsOf(pixels, wantedParts);
  const partials = backend.makeTensorInfo([parts, taps, info.outChannels], "float32");
  dispatch(backend, {
    key: `depthwiseFilterGradient_${columns}_${together}`,
    shader: () => ({
      inputs: ["x: f32", "dy: f32"],
      outputs: ["partials: f32"],
      uniforms: DEPTHWISE_UNIFORMS,
      code: depthwiseGradient(columns, together),
    }),
    inputs: [x, dy],
    outputs: [partials],
    uniforms: [pixels, taps, info.outChannels, info.outChannels / info.inChannels, info.inChannels, ...geometryOf(info)],
    workgroups: [parts, blocks, tapGroups],
  });
  return sumRows(backend, partials, taps * info.outChannels, info.filterShape);
}

type Shape4 = [number, number, number, number];

/** Pixels below which a part would cost more to add than to compute. */
const LEAST_PIXELS = 128;

/** Taps that a lane of the depthwise kernel sums side by side: a 3 x 3 filter reads its upstream gradient once. */
const MOST_TAPS = 9;
/** The depthwise kernel folds lanes at the end of each part; shorter parts would mostly fold. */
const PIXELS_PER_LANE = 16;

/** Enough to fill a large GPU. */
const WANTED_GROUPS = 1024;

/** Four channels are read at once where their number allows it. */
const widthOf = (channels: number): 1 | 4 => (channels % 4 === 0 ? 4 : 1);
const ELEMENT = { 1: "f32", 4: "vec4f" } as const;

const pixelsOf = ({ batchSize, outHeight, outWidth }: backend_util.Conv2DInfo): number => batchSize * outHeight * outWidth;

/** The values of `GEOMETRY` in convolution-shaders.ts. */
function geometryOf(info: backend_util.Conv2DInfo): number[] {
  const { outHeight, outWidth, inHeight, inWidth, filterWidth, padInfo } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const steps = [strideHeight, strideWidth, dilationHeight, dilationWidth];
  return [outHeight, outWidth, inHeight, inWidth, filterWidth, ...steps, padInfo.top, padInfo.left];
}
