/** Slices of a tensor along one axis: the stock kernel copies the whole tensor for each of them, for each time step of a sequence. */
import * as tf from "@tensorflow/tfjs-core";
import { address, input, output, register, stockKernel, type Call } from "./register";

export function registerUnpack(): void {
  const stock = stockKernel(tf.Unpack);
  register(tf.Unpack, (call: Call<tf.UnpackAttrs>) => {
    const value = input(call, "value");
    if (value.dtype !== "float32") return stock({ inputs: { value }, attrs: { ...call.attrs }, backend: call.backend });
    const axis = call.attrs.axis < 0 ? call.attrs.axis + value.shape.length : call.attrs.axis;
    const [before, after] = [value.shape.slice(0, axis), value.shape.slice(axis + 1)];
    const [outer, inner] = [tf.util.sizeFromShape(before), tf.util.sizeFromShape(after)];
    const parts = Array.from({ length: value.shape[axis] ?? 0 }, () => output(call, [...before, ...after]));
    const { float32 } = call.module.views();
    let from = address(call, value) >>> 2;
    const places = parts.map((part) => address(call, part) >>> 2);
    for (let row = 0; row < outer; row++) {
      for (const place of places) {
        float32.copyWithin(place + row * inner, from, from + inner);
        from += inner;
      }
    }
    return parts;
  });
}
