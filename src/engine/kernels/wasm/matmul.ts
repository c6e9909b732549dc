/** Matrix products with a transposed operand, as in the gradients of a dense layer; the stock kernel computes those one by one. */
import * as tf from "@tensorflow/tfjs-core";
import { filterGradient } from "./filter-gradient";
import { TRANSPOSE } from "./kernel-ids";
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
    if (matrices && transposeA && !transposeB) return productTransposedA(call, a, b);
    if (!matrices || transposeA || !transposeB) {
      return stock({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend: call.backend });
    }
    const flipped = transposed(call, b);
    const product = stock({ inputs: { a, b: flipped }, attrs: { transposeA, transposeB: false }, backend: call.backend });
    call.backend.disposeData(flipped.dataId);
    return product;
  });
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

function transposed(call: Call<unknown>, b: tf.TensorInfo): tf.TensorInfo {
  const [rows = 0, columns = 0] = b.shape.slice(-2);
  const out = output(call, [...b.shape.slice(0, -2), columns, rows]);
  call.module.run(TRANSPOSE, 1, [address(call, b), address(call, out), rows, columns]);
  return out;
}
