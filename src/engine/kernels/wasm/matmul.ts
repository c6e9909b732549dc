/** Matrix products: a convolution of one tap, or, with the first operand transposed, its filter gradient. */
import * as tf from "@tensorflow/tfjs-core";
import { convolve, type Axis } from "./convolution";
import { filterGradient } from "./filter-gradient";
import { address, input, output, register, stockKernel, type Call } from "./register";
import { windowOf } from "./window";

interface MatMulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Rows that a tile of the filter gradient walks along before it moves on, if the number of rows divides so. */
const WALK_ROWS = 64;

export function registerMatMul(): void {
  const stock = stockKernel(tf.BatchMatMul);
  register(tf.BatchMatMul, (call: Call<MatMulAttrs>) => {
    const [a, b] = [input(call, "a"), input(call, "b")];
    const { transposeA, transposeB } = call.attrs;
    const matrices =
      a.shape.length === b.shape.length && [...a.shape.slice(0, -2), ...b.shape.slice(0, -2)].every((n) => n === 1);
    if (!matrices || (transposeA && transposeB)) {
      return stock({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend: call.backend });
    }
    return transposeA ? productTransposedA(call, a, b) : product(call, a, b, transposeB);
  });
}

/** The rows of A are positions, its columns input channels. */
function product(call: Call<unknown>, a: tf.TensorInfo, b: tf.TensorInfo, transposed: boolean): tf.TensorInfo {
  const [rows = 0, inner = 0] = a.shape.slice(-2);
  const outer = b.shape.at(transposed ? -2 : -1) ?? 0;
  const out = output(call, [...a.shape.slice(0, -2), rows, outer]);
  const axis = (size: number): Axis => ({
    size,
    outSize: size,
    taps: 1,
    firstTap: 0,
    tapStep: 1,
    stride: 1,
    dilation: 1,
    pad: 0,
  });
  const steps = { image: rows * outer, row: outer, position: outer };
  convolve(call, {
    from: a,
    filter: b,
    to: address(call, out),
    batch: 1,
    y: axis(rows),
    x: axis(1),
    inner,
    outer,
    transposed,
    ...steps,
  });
  return out;
}

/** A^T B is the filter gradient of a 1x1 convolution over the rows. */
function productTransposedA(call: Call<unknown>, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
  const [rows = 0, inner = 0] = a.shape.slice(-2);
  const columns = b.shape.at(-1) ?? 0;
  let walk = Math.min(rows, WALK_ROWS);
  while (rows % walk !== 0) walk--;
  const out = output(call, [...a.shape.slice(0, -2), inner, columns]);
  const window = windowOf([rows / walk, 1, walk, inner], [1, 1, inner, columns], { strides: 1, pad: "valid" }, false);
  filterGradient(call, a, b, out, window);
  return out;
}
