/** Registers every operation of contract.ts for the backend "webgpu", and better gradients for some stock operations. */
import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-backend-webgpu"; // Registers the stock kernels, which must come first.
import { KERNELS } from "../contract";
import { registerPlaying } from "../player";
import { addToNormalised } from "./add";
import { addInGroups } from "./add-n";
import { batchNormTrain, batchNormTrainGrad } from "./batch-norm";
import { convolutionFilterGradient, depthwiseFilterGradient } from "./convolution";
import { crossEntropy } from "./cross-entropy";
import { fracActivation, fracActivationGrad } from "./frac-activation";
import { fracWeight, fracWeightGrad } from "./frac-weight";
import { lstmCell, lstmCellGrad } from "./lstm";
import { mixActivation, mixActivationGrad } from "./mix-activation";
import { mixWeight } from "./mix-weight";
import { mixWeightGrad } from "./mix-weight-gradient";
import { reluOfNormalised } from "./relu";
import { schemeMix, schemeMixGrad } from "./scheme-mix";
import { schemeAverage, schemeStatistics } from "./scheme-statistics";
import { sgdMomentum } from "./sgd-momentum";
import { openStepPlayer, overwriteInPlace } from "./step-player";
import { splitTogether, unpackTogether } from "./cut";

/** Needed once, before the first operation on "webgpu"; called again, it changes nothing. */
export function registerWebGpuKernels(): void {
  if (tf.getKernel(KERNELS.mixWeight, "webgpu")) return;
  register(KERNELS.mixWeight, mixWeight);
  register(KERNELS.mixWeightGrad, mixWeightGrad);
  register(KERNELS.mixActivation, mixActivation);
  register(KERNELS.mixActivationGrad, mixActivationGrad);
  register(KERNELS.fracWeight, fracWeight);
  register(KERNELS.fracWeightGrad, fracWeightGrad);
  register(KERNELS.fracActivation, fracActivation);
  register(KERNELS.fracActivationGrad, fracActivationGrad);
  register(KERNELS.schemeStatistics, schemeStatistics);
  register(KERNELS.schemeAverage, schemeAverage);
  register(KERNELS.schemeMix, schemeMix);
  register(KERNELS.schemeMixGrad, schemeMixGrad);
  register(KERNELS.batchNormTrain, batchNormTrain);
  register(KERNELS.batchNormTrainGrad, batchNormTrainGrad);
  register(KERNELS.crossEntropy, crossEntropy);
  register(KERNELS.lstmCell, lstmCell);
  register(KERNELS.lstmCellGrad, lstmCellGrad);
  register(KERNELS.sgdMomentum, sgdMomentum);
  register(tf.Conv2DBackpropFilter, convolutionFilterGradient);
  register(tf.DepthwiseConv2dNativeBackpropFilter, depthwiseFilterGradient);
  registerPlaying("webgpu", { open: openStepPlayer, overwrite: overwriteInPlace });
  for (const [name, around] of AROUND_STOCK) {
    const stock = tf.getKernel(name, "webgpu");
    put({ ...stock, kernelFunc: around(stock.kernelFunc) });
  }
}

/** Kernels of ours that fall back on the stock one. */
const AROUND_STOCK: readonly (readonly [kernelName: string, around: (stock: tf.KernelFunc) => tf.KernelFunc])[] = [
  [tf.Add, addToNormalised],
  [tf.AddN, addInGroups],
  [tf.Relu, reluOfNormalised],
  [tf.SplitV, splitTogether],
  [tf.Unpack, unpackTogether],
];

/** `Inputs` and `Attrs` are what contract.ts, or TensorFlow.js, says of the kernel called `kernelName`. */
function register<Inputs, Attrs>(
  kernelName: string,
  kernel: (backend: WebGPUBackend, inputs: Inputs, attrs: Attrs) => tf.TensorInfo | tf.TensorInfo[],
): void {
  put({
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ inputs, backend, attrs }) => kernel(backend as WebGPUBackend, inputs as Inputs, attrs as Attrs),
  });
}

/** Registers a kernel; a stock one of the same name makes way. */
function put(kernel: tf.KernelConfig): void {
  if (tf.getKernel(kernel.kernelName, kernel.backendName)) tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel(kernel);
}
