/**
 * Sums, products, differences and quotients of a few numbers: the penalties of the methods are made of them. The stock kernels run an
 * XNNPACK operator for each, which costs the search step of a small network two to four hundredths.
 */
import * as tf from "@tensorflow/tfjs-core";
import { address, input, output, register, sizeOf, stockKernel, type Call } from "./register";

/** Up to this many results a loop here is faster. */
const FEW = 256;

/** Computed in double and then rounded: the float32 result for each of these. */
const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  [tf.Add]: (a, b) => a + b,
  [tf.Sub]: (a, b) => a - b,
  [tf.Multiply]: (a, b) => a * b,
  [tf.RealDiv]: (a, b) => a / b,
};

export function registerSmallArithmetic(): void {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const stock = stockKernel(name);
    register(name, (call) => {
      const [a, b] = [input(call, "a"), input(call, "b")];
      if (a.dtype === "float32" && b.dtype === "float32") {
        const shape = tf.backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
        if (tf.util.sizeFromShape(shape) <= FEW) return compute(call, a, b, shape, operation);
      }
      return stock({ inputs: { a, b }, backend: call.backend });
    });
  }
}

function compute(
  call: Call<unknown>,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  shape: readonly number[],
  operation: (a: number, b: number) => number,
): tf.TensorInfo {
  const out = output(call, shape);
  const count = sizeOf(out);
  const [ofA, ofB] = [positions(a.shape, shape, count), positions(b.shape, shape, count)];
  const { float32 } = call.module.views();
  const [fromA, fromB, to] = [a, b, out].map((tensor) => address(call, tensor) >>> 2) as [number, number, number];
  for (let i = 0; i < count; i++) {
    float32[to + i] = operation(float32[fromA + ofA(i)] as number, float32[fromB + ofB(i)] as number);
  }
  return out;
}

/** Which value of a tensor of shape `from` belongs to result `i` of shape `to`, row-major. */
function positions(from: readonly number[], to: readonly number[], count: number): (i: number) => number {
  const size = tf.util.sizeFromShape([...from]);
  if (size === count) return (i) => i;
  if (size === 1) return () => 0;
  const axes: { readonly over: number; readonly size: number; readonly step: number }[] = [];
  let [over, step] = [1, 1];
  for (let axis = 1; axis <= to.length; axis++) {
    const [wanted, given] = [to.at(-axis) as number, from.at(-axis) ?? 1];
    if (given > 1) axes.push({ over, size: wanted, step });
    over *= wanted;
    step *= given;
  }
  return (i) => axes.reduce((sum, axis) => sum + (Math.floor(i / axis.over) % axis.size) * axis.step, 0);
}
