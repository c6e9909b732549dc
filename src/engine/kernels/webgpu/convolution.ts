/** Gradients of a 2-D convolution [batch, height, width, channels] as implicit matrix products, any stride, padding and dilation. */
import {
  backend_util,
  util,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { dispatch } from "./dispatch";
import { matrixProduct, TILE_DEPTH, tileFor, tilesOf } from "./matrix-product";
import { sumRows } from "./sum-rows";
import { partsOf } from "./wgsl";

type Convolution = backend_util.Conv2DInfo;

/** TensorFlow.js has no dilation in these attributes; a caller of ours may add it. */
interface Dilated {
  readonly dilations?: [number, number] | number;
}

/** {x, dy} -> gradient of the filter [filter height, filter width, channels in, channels out]. */
export function convolutionFilterGradient(
  backend: WebGPUBackend,
  { x, dy }: Record<"x" | "dy", TensorInfo>,
  { filterShape, strides, pad, dimRoundingMode, dataFormat, dilations = 1 }: Conv2DBackpropFilterAttrs & Dilated,
): TensorInfo {
  assertChannelsLast(dataFormat);
  const shape4 = x.shape as [number, number, number, number];
  const info = backend_util.computeConv2DInfo(shape4, filterShape, strides, dilations, pad, dimRoundingMode);
  const rows = info.filterHeight * info.filterWidth * info.inChannels;
  const columns = info.outChannels;
  const pixels = info.batchSize * info.outHeight * info.outWidth;
  const tile = tileFor(rows, columns);
  const tiles = tilesOf(tile, rows, columns);
  const parts = partsOf(Math.ceil(pixels / TILE_DEPTH), Math.min(WANTED_GROUPS / (tiles[0] * tiles[1]), pixels / LEAST_DEPTH));
  const partials = backend.makeTensorInfo([parts, rows, columns], "float32");
  dispatch(backend, {
    key: `convolutionFilterGradient_${keyOf(info)}`,
    shader: () => ({
      inputs: [`x: ${elementType(info.inChannels)}`, `dy: ${elementType(info.outChannels)}`],
      outputs: ["product: f32"],
      code: matrixProduct(tile, filterGradientOperands(info)),
    }),
    inputs: [x, dy],
    outputs: [partials],
    workgroups: [...tiles, parts],
  });
  return sumRows(backend, partials, rows * columns, info.filterShape);
}

/** {dy, filter} -> gradient of the input [batch, height, width, channels in]. */
export function convolutionInputGradient(
  backend: WebGPUBackend,
  { dy, filter }: Record<"dy" | "filter", TensorInfo>,
  { inputShape, strides, pad, dimRoundingMode, dataFormat, dilations = 1 }: Conv2DBackpropInputAttrs & Dilated,
): TensorInfo {
  assertChannelsLast(dataFormat);
  const filterShape = filter.shape as [number, number, number, number];
  const info = backend_util.computeConv2DInfo(inputShape, filterShape, strides, dilations, pad, dimRoundingMode);
  const rows = info.batchSize * info.inHeight * info.inWidth;
  const tile = tileFor(rows, info.inChannels);
  const dx = backend.makeTensorInfo(inputShape, "float32");
  dispatch(backend, {
    key: `convolutionInputGradient_${keyOf(info)}`,
    shader: () => ({
      inputs: [`dy: ${elementType(info.outChannels)}`, `filter_: ${elementType(info.outChannels)}`],
      outputs: ["product: f32"],
      code: matrixProduct(tile, inputGradientOperands(info)),
    }),
    inputs: [dy, filter],
    outputs: [dx],
    workgroups: [...tilesOf(tile, rows, info.inChannels), 1],
  });
  return dx;
}

/** Enough to fill a large GPU; a filter's gradient has few tiles but a depth of many thousand pixels. */
const WANTED_GROUPS = 1024;
/** Pixels below which a part would cost more to add than to compute. */
const LEAST_DEPTH = 4 * TILE_DEPTH;

function assertChannelsLast(dataFormat: string): void {
  util.assert(dataFormat === "NHWC", () => `Convolution gradients need the layout NHWC, not ${dataFormat}.`);
}

function keyOf(info: Convolution): string {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  return [
    ...info.inShape,
    ...info.filterShape,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    padInfo.top,
    padInfo.left,
    info.outHeight,
    info.outWidth,
  ].join("_");
}

/** Four channels are read at once where their number allows it. */
function elementType(channels: number): "vec4f" | "f32" {
  return channels % 4 === 0 ? "vec4f" : "f32";
}

function constants(info: Convolution): string {
  return `
const BATCH = ${info.batchSize}; const HEIGHT = ${info.inHeight}; const WIDTH = ${info.inWidth}; const CHANNELS = ${info.inChannels};
const OUT_HEIGHT = ${info.outHeight}; const OUT_WIDTH = ${info.outWidth}; const OUT_CHANNELS = ${info.outChannels};
const FILTER_HEIGHT = ${info.filterHeight}; const FILTER_WIDTH = ${info.filterWidth};
const STRIDE = vec2i(${info.strideHeight}, ${info.strideWidth});
const DILATION = vec2i(${info.dilationHeight}, ${info.dilationWidth});
const PADDING = vec2i(${info.padInfo.top}, ${info.padInfo.left});`;
}

/** Rows: filter position and input channel. Depth: output pixels. Columns: output channels. */
const filterGradientOperands = (info: Convolution) => `
${constants(info)}
const ROWS = ${info.filterHeight * info.filterWidth * info.inChannels}u;
const COLUMNS = ${info.outChannels}u;
const DEPTH = ${info.batchSize * info.outHeight * info.outWidth}u;
/// First element of the input pixel that filter position \`tap\` sees from output pixel \`pixel\`, -1 in the padding.
fn inputAt(tap: i32, pixel: i32) -> i32 {
  let image = pixel / (OUT_HEIGHT * OUT_WIDTH);
  let place = vec2i(pixel / OUT_WIDTH % OUT_HEIGHT, pixel % OUT_WIDTH);
  let seen = place * STRIDE + vec2i(tap / FILTER_WIDTH, tap % FILTER_WIDTH) * DILATION - PADDING;
  if (any(seen < vec2i(0)) || any(seen >= vec2i(HEIGHT, WIDTH))) { return -1; }
  return ((image * HEIGHT + seen.x) * WIDTH + seen.y) * CHANNELS;
}
${
  info.inChannels % 4 === 0
    ? `
fn inputRows(row: u32, pixel: u32) -> vec4f {
  if (row >= ROWS) { return vec4f(0.0); }
  let at = inputAt(i32(row) / CHANNELS, i32(pixel));
  if (at < 0) { return vec4f(0.0); }
  return x[(at + i32(row) % CHANNELS) / 4];
}`
    : `
fn inputRow(row: u32, pixel: u32) -> f32 {
  if (row >= ROWS) { return 0.0; }
  let at = inputAt(i32(row) / CHANNELS, i32(pixel));
  if (at < 0) { return 0.0; }
  return x[at + i32(row) % CHANNELS];
}
fn inputRows(row: u32, pixel: u32) -> vec4f {
  return vec4f(inputRow(row, pixel), inputRow(row + 1u, pixel), inputRow(row + 2u, pixel), inputRow(row + 3u, pixel));
}`
}
${
  info.outChannels % 4 === 0
    ? `
fn upstreamAt(pixel: u32, column: u32) -> vec4f {
  if (column >= COLUMNS) { return vec4f(0.0); }
  return dy[(pixel * COLUMNS + column) / 4u];
}`
    : `
fn upstreamAt(pixel: u32, column: u32) -> vec4f {
  var values: vec4f;
  for (var j = 0u; j < 4u; j++) {
    if (column + j < COLUMNS) { values[j] = dy[pixel * COLUMNS + column + j]; }
  }
  return values;
}`
}
fn leftBlock(row: u32, depth: u32, end: u32) -> mat4x4f {
  var block: mat4x4f;
  for (var j = 0u; j < 4u; j++) {
    if (depth + j < end) { block[j] = inputRows(row, depth + j); }
  }
  return block;
}
fn rightBlock(depth: u32, column: u32, end: u32) -> mat4x4f {
  var block: mat4x4f;
  for (var j = 0u; j < 4u; j++) {
    if (depth + j < end) { block[j] = upstreamAt(depth + j, column); }
  }
  return block;
}`;

/** Rows: input pixels. Depth: filter position and output channel. Columns: input channels. */
const inputGradientOperands = (info: Convolution) => `
${constants(info)}
const ROWS = ${info.batchSize * info.inHeight * info.inWidth}u;
const COLUMNS = ${info.inChannels}u;
const DEPTH = ${info.filterHeight * info.filterWidth * info.outChannels}u;
/// First element of the output pixel that sees input pixel \`pixel\` through filter position \`tap\`, -1 where there is none.
fn outputAt(pixel: i32, tap: i32) -> i32 {
  let image = pixel / (HEIGHT * WIDTH);
  let place = vec2i(pixel / WIDTH % HEIGHT, pixel % WIDTH);
  let scaled = place + PADDING - vec2i(tap / FILTER_WIDTH, tap % FILTER_WIDTH) * DILATION;
  let seeing = scaled / STRIDE;
  if (any(scaled < vec2i(0)) || any(seeing * STRIDE != scaled) || any(seeing >= vec2i(OUT_HEIGHT, OUT_WIDTH))) { return -1; }
  return ((image * OUT_HEIGHT + seeing.x) * OUT_WIDTH + seeing.y) * OUT_CHANNELS;
}
${
  info.outChannels % 4 === 0
    ? `
fn upstreamAt(row: u32, depth: u32) -> vec4f {
  if (row >= ROWS || depth >= DEPTH) { return vec4f(0.0); }
  let at = outputAt(i32(row), i32(depth) / OUT_CHANNELS);
  if (at < 0) { return vec4f(0.0); }
  return dy[(at + i32(depth) % OUT_CHANNELS) / 4];
}
fn filterAt(depth: u32, column: u32) -> vec4f {
  if (column >= COLUMNS || depth >= DEPTH) { return vec4f(0.0); }
  let tap = i32(depth) / OUT_CHANNELS;
  return filter_[((tap * CHANNELS + i32(column)) * OUT_CHANNELS + i32(depth) % OUT_CHANNELS) / 4];
}`
    : `
fn upstreamAt(row: u32, depth: u32) -> vec4f {
  var values: vec4f;
  for (var j = 0u; j < 4u; j++) {
    if (row < ROWS && depth + j < DEPTH) {
      let at = outputAt(i32(row), i32(depth + j) / OUT_CHANNELS);
      if (at >= 0) { values[j] = dy[at + i32(depth + j) % OUT_CHANNELS]; }
    }
  }
  return values;
}
fn filterAt(depth: u32, column: u32) -> vec4f {
  var values: vec4f;
  for (var j = 0u; j < 4u; j++) {
    if (column < COLUMNS && depth + j < DEPTH) {
      let tap = i32(depth + j) / OUT_CHANNELS;
      values[j] = filter_[(tap * CHANNELS + i32(column)) * OUT_CHANNELS + i32(depth + j) % OUT_CHANNELS];
    }
  }
  return values;
}`
}
fn leftBlock(row: u32, depth: u32, end: u32) -> mat4x4f {
  return transpose(mat4x4f(
    upstreamAt(row, depth), upstreamAt(row + 1u, depth), upstreamAt(row + 2u, depth), upstreamAt(row + 3u, depth)));
}
fn rightBlock(depth: u32, column: u32, end: u32) -> mat4x4f {
  return transpose(mat4x4f(
    filterAt(depth, column), filterAt(depth, column + 1u), filterAt(depth, column + 2u), filterAt(depth, column + 3u)));
}`;
