/**
 * Times of the WASM kernels on one thread, in Node: `npm run bench:wasm`. Rates of the convolution gradients are to be read
 * against the matrix product of the same run.
 */
import * as tf from "@tensorflow/tfjs-core";
import { KERNELS } from "../src/engine/kernels/contract";
import { normal, useWasm } from "../src/engine/kernels/wasm/testing";

type Shape4D = [number, number, number, number];

/** XNNPACK's convolution and matrix product, before ours take their place. */
const stockConvolution = tf.getKernel(tf.Conv2D, "wasm").kernelFunc;
const stockProduct = tf.getKernel(tf.BatchMatMul, "wasm").kernelFunc;
await useWasm();
let product = 0;
const square = tf.tensor2d(normal(1 << 20, 1), [1024, 1024]);
product = flops("matmul 1024^3, stock", 2 * 1024 ** 3, () => stock(stockProduct, { a: square, b: square }, {}));
flops("matmul 1024^3", 2 * 1024 ** 3, () => tf.matMul(square, square));
const activations = tf.tensor4d(normal(64 * 32 * 32 * 16, 1), [64, 32, 32, 16]);
const upstream = tf.tensor4d(normal(activations.size, 2), activations.shape);
for (const candidates of [1, 3, 8]) mixtures(candidates);
norms();
const shapes: [Shape4D, Shape4D, number][] = [
  [[64, 32, 32, 3], [3, 3, 3, 16], 1],
  [[64, 32, 32, 16], [3, 3, 16, 16], 1],
  [[64, 32, 32, 16], [3, 3, 16, 32], 2],
  [[64, 32, 32, 16], [1, 1, 16, 32], 2],
  [[64, 16, 16, 32], [3, 3, 32, 32], 1],
  [[64, 8, 8, 64], [3, 3, 64, 64], 1],
  [[64, 16, 16, 64], [1, 1, 64, 64], 1],
];
for (const [x, filter, stride] of shapes) convolution(x, filter, stride);
depthwise([64, 16, 16, 32]);

/** Shortest time of a call in milliseconds: other work on the machine only ever adds. Results are disposed of. */
function shortest(call: () => unknown): number {
  const times = Array.from({ length: 25 }, () => {
    const start = performance.now();
    tf.tidy(() => {
      call();
    });
    return performance.now() - start;
  });
  return Math.min(...times);
}

function run(name: string, inputs: object, attrs: object = {}): tf.Tensor[] {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as unknown as tf.Tensor[];
}

function stock(kernel: tf.KernelFunc, inputs: tf.NamedTensorInfoMap, attrs: object): void {
  const out = kernel({ inputs, attrs: attrs as tf.NamedAttrMap, backend: tf.backend() }) as tf.TensorInfo;
  tf.backend().disposeData(out.dataId);
}

function perElement(name: string, elements: number, call: () => unknown): void {
  console.log(`${name.padEnd(52)} ${((shortest(call) * 1e6) / elements).toFixed(2).padStart(8)} ns per element`);
}

function flops(name: string, operations: number, call: () => unknown): number {
  call();
  const rate = operations / shortest(call) / 1e6;
  const share = product > 0 ? `  ${((100 * rate) / product).toFixed(0)} % of matmul` : "";
  console.log(`${name.padEnd(52)} ${rate.toFixed(1).padStart(8)} GFLOP/s${share}`);
  return rate;
}

function mixtures(candidates: number): void {
  const rows = Array.from({ length: candidates }, (_, k) => [0.8 * 0.6 ** k, 0, 0, 2 ** (k + 1) - 1, 0, 3]);
  const grid = tf.tensor2d(rows);
  const p = tf.fill([candidates], 1 / candidates);
  const inputs = { x: activations, grid, p };
  perElement(`MixActivation, ${candidates} candidates`, activations.size, () => run(KERNELS.mixActivation, inputs));
  for (const learned of [true, false]) {
    const name = `MixActivationGrad, ${candidates} candidates${learned ? "" : ", p fixed"}`;
    perElement(name, activations.size, () => run(KERNELS.mixActivationGrad, { ...inputs, dy: upstream }, { learned }));
  }
}

function norms(): void {
  const [ones, zeros] = [tf.ones([16]), tf.zeros([16])];
  const inputs = { x: activations, gamma: ones, beta: zeros, runningMean: zeros, runningVariance: ones };
  perElement("BatchNormTrain", activations.size, () => run(KERNELS.batchNormTrain, inputs, { epsilon: 1e-5, momentum: 0.1 }));
  const grad = { x: activations, dy: upstream, gamma: ones, mean: zeros, variance: ones };
  perElement("BatchNormTrainGrad", activations.size, () => run(KERNELS.batchNormTrainGrad, grad, { epsilon: 1e-5 }));
  perElement("Add, stock", activations.size, () => tf.add(activations, upstream));
  perElement("Relu, stock", activations.size, () => tf.relu(activations));
  const sgd = { p: activations, v: upstream, g: upstream };
  perElement("SgdMomentum", activations.size, () =>
    run(KERNELS.sgdMomentum, sgd, { rate: 0.1, momentum: 0.9, weightDecay: 1e-4, nesterov: false }),
  );
}

function convolution(shape: Shape4D, filterShape: Shape4D, stride: number): void {
  const x = tf.tensor4d(normal(tf.util.sizeFromShape(shape), 1), shape);
  const filter = tf.tensor4d(normal(tf.util.sizeFromShape(filterShape), 2), filterShape);
  const half = Math.floor(filterShape[0] / 2);
  const pad = [
    [0, 0],
    [half, half],
    [half, half],
    [0, 0],
  ] as unknown as number;
  const forward = tf.conv2d(x, filter, stride, pad);
  const dy = tf.tensor4d(normal(forward.size, 3), forward.shape);
  const operations = 2 * forward.size * filterShape[0] * filterShape[1] * filterShape[2];
  const name = `${shape.join("x")} * ${filterShape.join("x")} / ${stride}`;
  const attrs = { strides: stride, pad, dataFormat: "NHWC" };
  flops(`${name} forward`, operations, () => tf.conv2d(x, filter, stride, pad));
  flops(`${name} forward, stock`, operations, () => stock(stockConvolution, { x, filter }, { ...attrs, dilations: 1 }));
  flops(`${name} filter`, operations, () => run(tf.Conv2DBackpropFilter, { x, dy }, { ...attrs, filterShape }));
  flops(`${name} input`, operations, () => run(tf.Conv2DBackpropInput, { dy, filter }, { ...attrs, inputShape: shape }));
}

function depthwise(shape: Shape4D): void {
  const filterShape: Shape4D = [3, 3, shape[3], 1];
  const x = tf.tensor4d(normal(tf.util.sizeFromShape(shape), 1), shape);
  const filter = tf.tensor4d(normal(tf.util.sizeFromShape(filterShape), 2), filterShape);
  const attrs = { strides: 1, pad: "same", dilations: 1 };
  const operations = 18 * x.size;
  flops("depthwise 3x3 forward", operations, () => tf.depthwiseConv2d(x, filter, 1, "same"));
  flops("depthwise 3x3 filter", operations, () =>
    run(tf.DepthwiseConv2dNativeBackpropFilter, { x, dy: x }, { ...attrs, filterShape }),
  );
  flops("depthwise 3x3 input", operations, () =>
    run(tf.DepthwiseConv2dNativeBackpropInput, { dy: x, filter }, { ...attrs, inputShape: shape }),
  );
}
