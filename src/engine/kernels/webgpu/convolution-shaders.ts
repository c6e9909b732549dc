/** WGSL of the filter gradients. Sizes are uniforms, not text: compiling a pipeline for each layer would take seconds. */
import { columnSums, LANES, MAIN, unroll } from "./wgsl";

const GEOMETRY: readonly string[] = [
  ...["outHeight: i32", "outWidth: i32", "inHeight: i32", "inWidth: i32", "filterWidth: i32"],
  ...["strideY: i32", "strideX: i32", "dilationY: i32", "dilationX: i32", "paddingY: i32", "paddingX: i32"],
];

export const FILTER_UNIFORMS: readonly string[] = ["rows: i32", "columns: i32", "depth: i32", "channels: i32", ...GEOMETRY];
export const DEPTHWISE_UNIFORMS: readonly string[] = [
  ...["pixels: i32", "taps: i32", "outChannels: i32", "multiplier: i32", "channels: i32"],
  ...GEOMETRY,
];

/** Output pixels, and what a filter position, the *tap*, meets in the input from there. */
const PIXELS = `
struct Pixel { image: i32, place: vec2i };
fn pixelAt(index: i32) -> Pixel {
  let row = index / parameters.outWidth;
  let image = row / parameters.outHeight;
  return Pixel(image, vec2i(row - image * parameters.outHeight, index - row * parameters.outWidth));
}
fn shiftOf(tap: i32) -> vec2i {
  let row = tap / parameters.filterWidth;
  let place = vec2i(row, tap - row * parameters.filterWidth);
  return place * vec2i(parameters.dilationY, parameters.dilationX) - vec2i(parameters.paddingY, parameters.paddingX);
}
/// First element of the input pixel, -1 in the padding.
fn inputAt(pixel: Pixel, shift: vec2i) -> i32 {
  let size = vec2i(parameters.inHeight, parameters.inWidth);
  let place = pixel.place * vec2i(parameters.strideY, parameters.strideX) + shift;
  if (any(place < vec2i(0)) || any(place >= size)) { return -1; }
  return ((pixel.image * size.x + place.x) * size.y + place.y) * parameters.channels;
}`;

/**
 * The operands for `matrixProduct`. Rows: tap and input channel. Depth: output pixels. Columns: output channels.
 * The widths are 4 where x, or dy, is bound as vectors of four channels.
 */
export const filterGradientOperands = (inputWidth: 1 | 4, upstreamWidth: 1 | 4) => `
${PIXELS}
struct Element { shift: vec2i, channel: i32 };
fn elementAt(row: i32) -> Element {
  let tap = row / parameters.channels;
  return Element(shiftOf(tap), row - tap * parameters.channels);
}
fn leftBlock(row: i32, depth: i32, end: i32) -> mat4x4f {
  var block: mat4x4f;
  if (row >= parameters.rows) { return block; }
  ${
    inputWidth === 4
      ? "let element = elementAt(row);"
      : "var elements: array<Element, 4>; for (var c = 0; c < 4; c++) { elements[c] = elementAt(row + c); }"
  }
  var pixel = pixelAt(depth);
  for (var j = 0; j < min(4, end - depth); j++) {
    ${
      inputWidth === 4
        ? `
    let at = inputAt(pixel, element.shift);
    if (at >= 0) { block[j] = x[(at + element.channel) / 4]; }`
        : `
    for (var c = 0; c < min(4, parameters.rows - row); c++) {
      let at = inputAt(pixel, elements[c].shift);
      if (at >= 0) { block[j][c] = x[at + elements[c].channel]; }
    }`
    }
    // The next pixel without another division.
    pixel.place.y++;
    if (pixel.place.y == parameters.outWidth) { pixel.place.y = 0; pixel.place.x++; }
    if (pixel.place.x == parameters.outHeight) { pixel.place.x = 0; pixel.image++; }
  }
  return block;
}
fn rightBlock(depth: i32, column: i32, end: i32) -> mat4x4f {
  var block: mat4x4f;
  for (var j = 0; j < min(4, end - depth); j++) {
    let at = (depth + j) * parameters.columns + column;
    ${
      upstreamWidth === 4
        ? "if (column < parameters.columns) { block[j] = dy[at / 4]; }"
        : "for (var c = 0; c < min(4, parameters.columns - column); c++) { block[j][c] = dy[at + c]; }"
    }
  }
  return block;
}`;

/** Workgroups: part of the pixels, block of output channels, group of `together` taps. The lanes of a channel share the pixels. */
export const depthwiseGradient = (columns: number, together: number) => `
${PIXELS}
${columnSums(together, columns)}
${MAIN} {
  let part = (parameters.pixels + i32(groups.x) - 1) / i32(groups.x);
  let begin = i32(group.x) * part;
  let end = min(begin + part, parameters.pixels);
  let channel = i32(group.y * ${columns}u + lane % ${columns}u);
  let firstTap = i32(group.z) * ${together};
  ${unroll(together, (k) => `let shift${k} = shiftOf(firstTap + ${k});\n  var sum${k} = 0.0;`)}
  if (channel < parameters.outChannels) {
    let inputChannel = channel / parameters.multiplier;
    for (var i = begin + i32(lane / ${columns}u); i < end; i += ${LANES / columns}) {
      let upstream = dy[i * parameters.outChannels + channel];
      let pixel = pixelAt(i);
      ${unroll(
        together,
        (k) => `
      let at${k} = inputAt(pixel, shift${k});
      if (at${k} >= 0) { sum${k} += x[at${k} + inputChannel] * upstream; }`,
      )}
    }
  }
  let sums = columnSums(array<f32, ${together}>(${unroll(together, (k) => `sum${k}`, ", ")}), lane);
  if (lane < ${columns}u && channel < parameters.outChannels) {
    let row = i32(group.x) * parameters.taps + firstTap;
    ${unroll(
      together,
      (k) => `if (firstTap + ${k} < parameters.taps) { partials[(row + ${k}) * parameters.outChannels + channel] = sums[${k}]; }`,
    )}
  }
}`;
