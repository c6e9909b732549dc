import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { FracWeightAttrs } from "../contract";
import { fracActivation, fracWeight } from "../ops";
import { createRandom } from "../../../core/random";
import { registerCpuKernels } from "./index";

beforeAll(async () => {
  registerCpuKernels();
  await tf.setBackend("cpu");
});

interface Values {
  readonly shape: number[];
  readonly data: number[];
}
interface Layer {
  readonly name: string;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly config: { readonly out_channels: number; readonly double_side?: boolean };
  readonly lamda_w: number | number[];
  readonly lamda_a: number | number[];
  readonly alpha: number;
  readonly x: { readonly nhwc: Values };
  readonly weight: { readonly hwio: Values };
  readonly effective_x: { readonly nhwc: Values };
  readonly effective_weight: { readonly hwio: Values };
  readonly y: { readonly nhwc: Values };
  readonly upstream: { readonly nhwc: Values };
  readonly grad: {
    readonly x: { readonly nhwc: Values };
    readonly weight: { readonly hwio: Values };
    readonly lamda_w: number | number[];
    readonly lamda_a: number | number[];
    readonly alpha: number;
  };
}

const read = (name: string): unknown => JSON.parse(readFileSync(`golden/fracbits/${name}.json`, "utf8"));
const unit = read("unit_quantizer") as {
  readonly x: Values;
  readonly cases: { readonly scheme: string; readonly bits: number; readonly zero_point: number; readonly y: Values }[];
};
const layers = read("conv") as { readonly tolerance: { readonly abs: number; readonly rel: number }; readonly cases: Layer[] };

function expectClose(actual: tf.Tensor, expected: readonly number[], { abs, rel } = layers.tolerance): void {
  const values = actual.dataSync();
  expect(values.length).toBe(expected.length);
  const wrong = expected.filter((want, i) => !(Math.abs(values[i]! - want) <= abs + rel * Math.abs(want)));
  expect(wrong).toEqual([]);
}

const whole = (bits: number): tf.Tensor2D => tf.tensor2d([bits, bits], [2, 1]);
const tensorOf = ({ shape, data }: Values): tf.Tensor4D => tf.tensor4d(data, shape as [number, number, number, number]);

describe("published unit quantizer", () => {
  test.each(unit.cases)("$scheme, $bits bits, zero point $zero_point: the very levels", ({ scheme, bits, zero_point, y }) => {
    const attrs = { modified: scheme === "modified", twoSided: false, learned: false };
    const quantized = fracActivation(tf.tensor1d(unit.x.data), whole(bits), tf.tensor1d([0]), tf.tensor1d([1]), attrs);
    // A zero point of 1/2 is that of signed values, which zero bits map to the output 0.
    expectClose(quantized, bits === 0 && zero_point === 0.5 ? y.data.map(() => 0) : y.data.map(Math.fround), { abs: 0, rel: 0 });
  });

  test("zero bits of signed values give zero", () => {
    const attrs = { modified: false, twoSided: true, learned: false };
    const x = tf.tensor1d([-2, -0.3, 0, 0.7, 3]);
    expectClose(fracActivation(x, whole(0), tf.tensor1d([0]), tf.tensor1d([1]), attrs), [0, 0, 0, 0, 0]);
  });
});

describe("published convolution", () => {
  const names = [
    "original",
    "modified_both",
    "integer_bits",
    "kernelwise_with_pruning",
    "rescale_constant",
    "rescale_stddev",
    "double_side",
    "double_side_kernelwise_rescale",
    "per_channel_both",
    "negative_alpha",
  ];
  test.each(layers.cases.filter(({ name }) => names.includes(name)))("$name: effective tensors, output, gradients", (given) => {
    const { flags, config } = given;
    const [least, most] = flags["bits_list"] ? [0, 8] : [1, 8];
    const widths = (lambda: tf.Tensor): [tf.Tensor2D, tf.Tensor1D] => {
      const clamped = tf.clipByValue(lambda, least!, most!);
      return [tf.stack([tf.floor(clamped), tf.ceil(clamped)]) as tf.Tensor2D, tf.sub(clamped, tf.floor(clamped))];
    };
    const rescale: FracWeightAttrs["rescale"] = flags["rescale_conv"] ? (flags["rescale_type"] as "constant" | "stddev") : "none";
    const weight = (w: tf.Tensor4D, lambda: tf.Tensor): tf.Tensor4D => {
      const attrs = { modified: flags["weight_quant_scheme"] === "modified", rescale, fanOut: 9 * config.out_channels };
      return fracWeight(w, ...widths(lambda), attrs).y;
    };
    const activation = (x: tf.Tensor4D, lambda: tf.Tensor, alpha: tf.Tensor): tf.Tensor4D => {
      const modified = flags["act_quant_scheme"] === "modified";
      const attrs = { modified, twoSided: config.double_side ?? false, learned: true };
      return fracActivation(x, ...widths(lambda), alpha as tf.Tensor1D, attrs);
    };
    const layer = (x: tf.Tensor, w: tf.Tensor, lambdaW: tf.Tensor, lambdaA: tf.Tensor, alpha: tf.Tensor): tf.Tensor =>
      tf.conv2d(activation(x as tf.Tensor4D, lambdaA, alpha), weight(w as tf.Tensor4D, lambdaW), 1, 1);

    const [x, w] = [tensorOf(given.x.nhwc), tensorOf(given.weight.hwio)];
    const [lambdaW, lambdaA, alpha] = [given.lamda_w, given.lamda_a, given.alpha].map((v) => tf.tensor1d([v].flat()));
    expectClose(weight(w, lambdaW!), given.effective_weight.hwio.data);
    expectClose(activation(x, lambdaA!, alpha!), given.effective_x.nhwc.data);
    expectClose(layer(x, w, lambdaW!, lambdaA!, alpha!), given.y.nhwc.data);
    const grads = tf.grads(layer)([x, w, lambdaW!, lambdaA!, alpha!], tensorOf(given.upstream.nhwc));
    const { grad } = given;
    [grad.x.nhwc.data, grad.weight.hwio.data, grad.lamda_w, grad.lamda_a, grad.alpha].forEach((expected, i) =>
      expectClose(grads[i]!, [expected].flat()),
    );
  });
});

test("an all-zero weight gives the level of one half, scale 1, and a gradient of zero", () => {
  const w = tf.zeros([3, 4]);
  const attrs = { modified: false, rescale: "constant", fanOut: 4 } as const;
  const { y, scale } = fracWeight(w, tf.tensor2d([2, 3], [2, 1]), tf.tensor1d([0.25]), attrs);
  // 2/3 at two bits, 4/7 at three.
  expectClose(y, Array<number>(12).fill(2 * (0.75 * (2 / 3) + 0.25 * (4 / 7)) - 1), { abs: 1e-6, rel: 0 });
  expectClose(scale, [1]);
  const gradient = tf.grad((v: tf.Tensor) => fracWeight(v, whole(2), tf.tensor1d([0]), attrs).y)(w);
  expectClose(gradient, Array<number>(12).fill(0));
});

test("a weight of one value is not rescaled", () => {
  const attrs = { modified: false, rescale: "stddev", fanOut: 1 } as const;
  const { y, scale } = fracWeight(tf.fill([50], -0.3), whole(3), tf.tensor1d([0]), attrs);
  expectClose(scale, [1]);
  expectClose(y, Array<number>(50).fill(-1));
});

test.each([0, 2])("a NaN stays one at %i bits", (bits) => {
  const x = tf.tensor1d([NaN, 0.5]);
  for (const twoSided of [false, true]) {
    const attrs = { modified: false, twoSided, learned: true };
    const y = fracActivation(x, whole(bits), tf.tensor1d([0]), tf.tensor1d([1]), attrs).dataSync();
    expect([y[0], Number.isFinite(y[1])]).toEqual([NaN, true]);
  }
  const w = fracWeight(x, whole(bits), tf.tensor1d([0]), { modified: true, rescale: "constant", fanOut: 1 }).y.dataSync();
  expect(w[0]).toBeNaN();
});

describe("gradients against float64", () => {
  const random = createRandom(5);
  const draw = (n: number, deviation: number): number[] => Array.from({ length: n }, () => deviation * random.normal());
  const lambdas = [0.4, 2.3, 3, 7.8, 1];
  const widths = (): tf.Tensor2D => tf.tensor2d([lambdas.map(Math.floor), lambdas.map(Math.ceil)]);
  const shares = lambdas.map((width) => width - Math.floor(width));
  const sumOver = (n: number, channel: number, term: (i: number) => number): number =>
    Array.from({ length: n }, (_, i) => (i % 5 === channel ? term(i) : 0)).reduce((a, b) => a + b);

  test.each([
    [false, false, 1.2],
    [false, true, -0.8],
    [true, false, -1.2],
    [true, true, 0.8],
  ])("activations (modified: %s, two-sided: %s, clip %d)", (modified, twoSided, clip) => {
    const [xs, dys] = [draw(200, 1), draw(200, 1)];
    const [a, low, zero] = [Math.abs(clip), twoSided ? -1 : 0, twoSided ? 0.5 : 0];
    const level = (v: number, bits: number): number => {
      if (bits === 0) return zero;
      return modified
        ? Math.min(Math.floor(v * 2 ** bits), 2 ** bits - 1) / 2 ** bits
        : Math.round(v * (2 ** bits - 1)) / (2 ** bits - 1);
    };
    const at = (i: number) => {
      const t = Math.min(Math.max(xs[i]! / a, low), 1);
      const [floor, ceil] = [Math.floor, Math.ceil].map((f) => level((t - low) / (1 - low), f(lambdas[i % 5]!)));
      const inside = xs[i]! > low * a && xs[i]! < a;
      return { t, inside, gap: ceil! - floor!, q: low + (1 - low) * (floor! + shares[i % 5]! * (ceil! - floor!)) };
    };
    const act = (x: tf.Tensor, h: tf.Tensor, c: tf.Tensor): tf.Tensor =>
      fracActivation(x, widths(), h as tf.Tensor1D, c as tf.Tensor1D, { modified, twoSided, learned: true });
    const [dx, dshare, dclip] = tf.grads(act)([tf.tensor1d(xs), tf.tensor1d(shares), tf.tensor1d([clip])], tf.tensor1d(dys));
    const close = { abs: 2e-5, rel: 1e-6 };
    expectClose(
      dx!,
      dys.map((dy, i) => (at(i).inside ? dy : 0)),
      close,
    );
    expectClose(
      dshare!,
      lambdas.map((_, c) => sumOver(200, c, (i) => dys[i]! * a * (1 - low) * at(i).gap)),
      close,
    );
    const along = dys.reduce((sum, dy, i) => sum + dy * (at(i).q - (at(i).inside ? at(i).t : 0)), 0);
    expectClose(dclip!, [Math.sign(clip) * along], close);
  });

  test("weights: that of s tanh(w) / max|tanh(w)| by finite differences, and of the share, which is linear", () => {
    const [ws, dys] = [draw(60, 0.7), draw(60, 1)];
    const attrs = { modified: false, rescale: "none", fanOut: 1 } as const;
    const weight = (w: tf.Tensor, h: tf.Tensor): tf.Tensor => fracWeight(w, widths(), h as tf.Tensor1D, attrs).y;
    const [dw, dshare] = tf.grads(weight)([tf.tensor1d(ws), tf.tensor1d(shares)], tf.tensor1d(dys));
    const loss = (values: number[]): number => {
      const m = Math.max(...values.map((v) => Math.abs(Math.tanh(v))));
      return values.reduce((sum, v, i) => sum + (dys[i]! * Math.tanh(v)) / m, 0);
    };
    const moved = (by: number, at: number): number => loss(ws.map((v, i) => (i === at ? v + by : v)));
    expectClose(
      dw!,
      ws.map((_, i) => (moved(1e-5, i) - moved(-1e-5, i)) / 2e-5),
      { abs: 1e-5, rel: 1e-5 },
    );
    const atShare = (h: number): tf.Tensor => tf.mul(weight(tf.tensor1d(ws), tf.fill([5], h)), tf.tensor1d(dys));
    const [at0, at1] = [0, 1].map((h) => atShare(h).dataSync());
    expectClose(
      dshare!,
      lambdas.map((_, c) => sumOver(60, c, (i) => at1![i]! - at0![i]!)),
      { abs: 1e-5, rel: 1e-5 },
    );
  });
});
