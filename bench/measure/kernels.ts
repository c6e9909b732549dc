/** Single kernels at the sizes of small residual networks: what each of them costs, whatever the steps around it do. */
import * as tf from "@tensorflow/tfjs-core";
import { createRandom } from "../../src/core/random";
import { KERNELS } from "../../src/engine/kernels/contract";
import type { StockKernels } from "./engine-session";

type Shape4D = [number, number, number, number];

export interface KernelTimes {
  readonly name: string;
  /** Milliseconds of one call, sample after sample. */
  readonly times: readonly number[];
  /** What one call does: multiply-adds, two each, or elements. */
  readonly work: { readonly unit: "operations" | "elements"; readonly count: number };
}

/** Times one call, repeatedly, in milliseconds. What it returns is freed. */
type Timer = (call: () => unknown) => Promise<readonly number[]>;

const BATCH = 64;
const CHANNELS = 16;
const CANDIDATE_COUNTS = [1, 3, 8];

/** [input, filter, stride] of the convolutions in ResNet-20 of width 16, and a pointwise one. */
const CONVOLUTIONS: readonly (readonly [Shape4D, Shape4D, number])[] = [
  [[BATCH, 32, 32, 3], [3, 3, 3, 16], 1],
  [[BATCH, 32, 32, 16], [3, 3, 16, 16], 1],
  [[BATCH, 32, 32, 16], [3, 3, 16, 32], 2],
  [[BATCH, 32, 32, 16], [1, 1, 16, 32], 2],
  [[BATCH, 16, 16, 32], [3, 3, 32, 32], 1],
  [[BATCH, 8, 8, 64], [3, 3, 64, 64], 1],
  [[BATCH, 16, 16, 64], [1, 1, 64, 64], 1],
];

/** Times every kernel; the first one is the product of two matrices of `productSize`, by the stock kernel: the peak. */
export async function measureKernels(stock: StockKernels, productSize: number, time: Timer): Promise<readonly KernelTimes[]> {
  const results: KernelTimes[] = [];
  const measure = async (name: string, unit: KernelTimes["work"]["unit"], count: number, call: () => unknown): Promise<void> => {
    results.push({ name, times: await time(call), work: { unit, count } });
  };
  await products(stock, productSize, measure);
  for (const [x, filter, stride] of CONVOLUTIONS) await convolution(stock, x, filter, stride, measure);
  await depthwise([BATCH, 16, 16, 32], measure);
  for (const candidates of CANDIDATE_COUNTS) await mixtures(candidates, measure);
  await others(measure);
  return results;
}

type Measure = (name: string, unit: KernelTimes["work"]["unit"], count: number, call: () => unknown) => Promise<void>;

function run(name: string, inputs: object, attrs: object = {}): unknown {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap);
}

/** Standard normal values, of another stream for each label. */
function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], label: string): tf.Tensor<R> {
  const random = createRandom(label);
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor<R>(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

async function products(stock: StockKernels, size: number, measure: Measure): Promise<void> {
  const square = normal<tf.Rank.R3>([1, size, size], "square");
  const transposed = { transposeA: false, transposeB: false };
  const operations = 2 * size ** 3;
  await measure(`matmul ${size}^3, stock`, "operations", operations, () =>
    stock(tf.BatchMatMul, { a: square, b: square }, transposed),
  );
  await measure(`matmul ${size}^3`, "operations", operations, () => tf.matMul(square, square));
  square.dispose();
}

async function convolution(stock: StockKernels, shape: Shape4D, filterShape: Shape4D, stride: number, measure: Measure) {
  const [x, filter] = [normal<tf.Rank.R4>(shape, "x"), normal<tf.Rank.R4>(filterShape, "filter")];
  const half = Math.floor(filterShape[0] / 2);
  const pad: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [half, half],
    [half, half],
    [0, 0],
  ];
  const [height, width] = [shape[1], shape[2]].map((size) => Math.ceil(size / stride)) as [number, number];
  const dy = normal<tf.Rank.R4>([shape[0], height, width, filterShape[3]], "dy");
  const operations = 2 * dy.size * filterShape[0] * filterShape[1] * filterShape[2];
  const attrs = { strides: stride, pad, dataFormat: "NHWC" };
  const name = (what: string): string =>
    `${filterShape[0]}x${filterShape[1]}${stride === 1 ? "" : ` /${stride}`} ${filterShape[2]}->${filterShape[3]} on ${shape[1]}x${shape[2]}, ${what}`;
  await measure(name("forward"), "operations", operations, () => tf.conv2d(x, filter, stride, pad));
  await measure(name("forward, stock"), "operations", operations, () =>
    stock(tf.Conv2D, { x, filter }, { ...attrs, dilations: 1 }),
  );
  await measure(name("input gradient"), "operations", operations, () =>
    run(tf.Conv2DBackpropInput, { dy, filter }, { ...attrs, inputShape: shape }),
  );
  await measure(name("filter gradient"), "operations", operations, () =>
    run(tf.Conv2DBackpropFilter, { x, dy }, { ...attrs, filterShape }),
  );
  tf.dispose([x, filter, dy]);
}

async function depthwise(shape: Shape4D, measure: Measure): Promise<void> {
  const filterShape: Shape4D = [3, 3, shape[3], 1];
  const [x, filter] = [normal<tf.Rank.R4>(shape, "x"), normal<tf.Rank.R4>(filterShape, "filter")];
  const attrs = { strides: 1, pad: "same", dilations: 1 };
  const operations = 18 * x.size;
  await measure("depthwise 3x3, forward", "operations", operations, () => tf.depthwiseConv2d(x, filter, 1, "same"));
  await measure("depthwise 3x3, input gradient", "operations", operations, () =>
    run(tf.DepthwiseConv2dNativeBackpropInput, { dy: x, filter }, { ...attrs, inputShape: shape }),
  );
  await measure("depthwise 3x3, filter gradient", "operations", operations, () =>
    run(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy: x }, { ...attrs, filterShape }),
  );
  tf.dispose([x, filter]);
}

async function mixtures(candidates: number, measure: Measure): Promise<void> {
  const rows = Array.from({ length: candidates }, (_, k) => [0.8 * 0.6 ** k, 0, 0, 2 ** (k + 1) - 1, 0, 3]);
  const [grid, p] = [tf.tensor2d(rows), tf.fill([candidates], 1 / candidates)];
  const [x, dy] = [normal<tf.Rank.R4>([BATCH, 32, 32, CHANNELS], "x"), normal<tf.Rank.R4>([BATCH, 32, 32, CHANNELS], "dy")];
  const inputs = { x, grid, p };
  const of = `of ${candidates} candidate${candidates === 1 ? "" : "s"}`;
  await measure(`mixture ${of}, forward`, "elements", x.size, () => run(KERNELS.mixActivation, inputs));
  await measure(`mixture ${of}, gradients`, "elements", x.size, () =>
    run(KERNELS.mixActivationGrad, { ...inputs, dy }, { learned: true }),
  );
  tf.dispose([grid, p, x, dy]);
}

async function others(measure: Measure): Promise<void> {
  const [x, dy] = [normal<tf.Rank.R4>([BATCH, 32, 32, CHANNELS], "x"), normal<tf.Rank.R4>([BATCH, 32, 32, CHANNELS], "dy")];
  const [ones, zeros] = [tf.ones([CHANNELS]), tf.zeros([CHANNELS])];
  const inputs = { x, gamma: ones, beta: zeros, runningMean: zeros, runningVariance: ones };
  await measure("batch norm, forward", "elements", x.size, () =>
    run(KERNELS.batchNormTrain, inputs, { epsilon: 1e-5, momentum: 0.1 }),
  );
  await measure("batch norm, gradients", "elements", x.size, () =>
    run(KERNELS.batchNormTrainGrad, { x, dy, gamma: ones, mean: zeros, variance: ones }, { epsilon: 1e-5 }),
  );
  await measure("add, stock", "elements", x.size, () => tf.add(x, dy));
  tf.dispose([x, dy, ones, zeros]);
}
