/** Bitloom's kernels for TensorFlow.js's CPU backend: the reference arithmetic, unhurried. */
import * as tf from "@tensorflow/tfjs-core";
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import {
  KERNELS,
  SCHEME_STATISTICS,
  type BatchNormAttrs,
  type FracActivationAttrs,
  type FracWeightAttrs,
  type SchemeMixAttrs,
  type SchemeStatisticsAttrs,
  type SgdMomentumAttrs,
} from "../contract";
import { resolveRows } from "../scheme-row";
import * as fractional from "./fractional";
import * as recurrent from "./lstm";
import * as reference from "./reference";
import * as schemes from "./schemes";

type Inputs = Readonly<Record<string, tf.TensorInfo>>;
type Compute = (inputs: Inputs, attrs: object, context: Context) => tf.TensorInfo | tf.TensorInfo[];

interface Context {
  readonly floats: (name: string) => Float32Array;
  readonly make: (values: Float32Array | number, like: readonly number[]) => tf.TensorInfo;
}

const COMPUTE: Readonly<Record<string, Compute>> = {
  [KERNELS.mixWeight]: ({ x }, _, { floats, make }) => {
    const scale = reference.sampleStd(floats("x"));
    return [make(reference.mix(floats("x"), floats("grid"), floats("p"), scale), shapeOf(x)), make(scale, [1])];
  },
  [KERNELS.mixWeightGrad]: ({ grid }, _, { floats, make }) => {
    const scale = floats("scale")[0] as number;
    return make(reference.mixProbabilityGrad(floats("x"), floats("dy"), floats("grid"), scale), [shapeOf(grid)[0] as number]);
  },
  [KERNELS.mixActivation]: ({ x }, _, { floats, make }) =>
    make(reference.mix(floats("x"), floats("grid"), floats("p"), 1), shapeOf(x)),
  [KERNELS.mixActivationGrad]: ({ x, p }, attrs, { floats, make }) => {
    const dx = reference.mixInputGrad(floats("x"), floats("dy"), floats("grid"), floats("p"));
    const { learned } = attrs as { learned: boolean };
    const dp = learned
      ? reference.mixProbabilityGrad(floats("x"), floats("dy"), floats("grid"), 1)
      : new Float32Array(shapeOf(p)[0] as number);
    return [make(dx, shapeOf(x)), make(dp, shapeOf(p))];
  },
  [KERNELS.fracWeight]: ({ w }, attrs, { floats, make }) => {
    const { y, scale, largest } = fractional.fracWeight(floats("w"), widthsOf(floats, attrs), attrs as FracWeightAttrs);
    return [make(y, shapeOf(w)), make(scale, [1]), make(largest, [1])];
  },
  [KERNELS.fracWeightGrad]: ({ w, share }, attrs, { floats, make }) => {
    const scale = floats("scale")[0] as number;
    const { dw, dshare } = fractional.fracWeightGrad(floats("w"), floats("dy"), scale, widthsOf(floats, attrs));
    return [make(dw, shapeOf(w)), make(dshare, shapeOf(share))];
  },
  [KERNELS.fracActivation]: ({ x }, attrs, { floats, make }) => {
    const clip = floats("clip")[0] as number;
    return make(fractional.fracActivation(floats("x"), widthsOf(floats, attrs), clip, attrs as FracActivationAttrs), shapeOf(x));
  },
  [KERNELS.fracActivationGrad]: ({ x, share, clip }, attrs, { floats, make }) => {
    const given = [floats("x"), floats("dy"), widthsOf(floats, attrs), floats("clip")[0] as number] as const;
    const { dx, dshare, dclip } = fractional.fracActivationGrad(...given, attrs as FracActivationAttrs);
    return [make(dx, shapeOf(x)), make(dshare, shapeOf(share)), make(dclip, shapeOf(clip))];
  },
  [KERNELS.schemeStatistics]: (_, attrs, { floats, make }) =>
    make(schemes.statistics(floats("x"), attrs as SchemeStatisticsAttrs), [SCHEME_STATISTICS]),
  [KERNELS.schemeAverage]: (_, attrs, { floats, make }) => {
    const { momentum } = attrs as { momentum: number };
    const statistics = floats("statistics");
    return make(
      floats("average").map((old, i) => momentum * old + (1 - momentum) * (statistics[i] as number)),
      [SCHEME_STATISTICS],
    );
  },
  [KERNELS.schemeMix]: ({ x }, _, { floats, make }) =>
    make(schemes.mix(floats("x"), resolveRows(floats("rows"), floats("statistics")), floats("p")), shapeOf(x)),
  [KERNELS.schemeMixGrad]: ({ x, p }, attrs, { floats, make }) => {
    const candidates = resolveRows(floats("rows"), floats("statistics"));
    const dx = schemes.mixInputGrad(floats("x"), floats("dy"), candidates, floats("p"));
    const { learned, errors } = attrs as SchemeMixAttrs;
    const dp = learned
      ? schemes.mixProbabilityGrad(floats("x"), floats("dy"), candidates, errors)
      : new Float32Array(shapeOf(p)[0] as number);
    return [make(dx, shapeOf(x)), make(dp, shapeOf(p))];
  },
  [KERNELS.batchNormTrain]: ({ x, gamma }, attrs, { floats, make }) => {
    const inputs = {
      x: floats("x"),
      gamma: floats("gamma"),
      beta: floats("beta"),
      runningMean: floats("runningMean"),
      runningVariance: floats("runningVariance"),
    };
    const outputs = reference.batchNorm(inputs, attrs as BatchNormAttrs);
    return outputs.map((values, i) => make(values, i === 0 ? shapeOf(x) : shapeOf(gamma)));
  },
  [KERNELS.batchNormTrainGrad]: ({ x, gamma }, attrs, { floats, make }) => {
    const inputs = {
      x: floats("x"),
      dy: floats("dy"),
      gamma: floats("gamma"),
      mean: floats("mean"),
      variance: floats("variance"),
    };
    const outputs = reference.batchNormGrad(inputs, (attrs as BatchNormAttrs).epsilon);
    return outputs.map((values, i) => make(values, i === 0 ? shapeOf(x) : shapeOf(gamma)));
  },
  [KERNELS.crossEntropy]: ({ logits, labels }, _, { floats, make }) => {
    const backend = tf.backend() as MathBackendCPU;
    const indices = Int32Array.from(backend.readSync((labels as tf.TensorInfo).dataId) as Int32Array);
    const { loss, correct, dLogits } = reference.crossEntropy(floats("logits"), indices);
    return [make(loss, []), make(correct, []), make(dLogits, shapeOf(logits))];
  },
  [KERNELS.lstmCell]: ({ z, c }, _, { floats, make }) => {
    const { h, next, gates } = recurrent.lstmCell(floats("z"), floats("bias"), floats("c"));
    return [make(h, shapeOf(c)), make(next, shapeOf(c)), make(gates, shapeOf(z))];
  },
  [KERNELS.lstmCellGrad]: ({ gates, c }, _, { floats, make }) => {
    const states = { gates: floats("gates"), c: floats("c"), next: floats("next") };
    const { dz, dc } = recurrent.lstmCellGrad(states, floats("dh"), floats("dnext"), shapeOf(c)[1] as number);
    return [make(dz, shapeOf(gates)), make(dc, shapeOf(c))];
  },
  [KERNELS.sgdMomentum]: (inputs, attrs, { floats, make }) => {
    const { offsets, weightDecays, ...sgd } = attrs as SgdMomentumAttrs;
    const velocity = floats("velocity").slice();
    const rate = floats("rate")[0] as number;
    const parameters = offsets.map((offset, i) => {
      const p = floats(`p${i}`);
      const part = velocity.subarray(offset, offset + p.length);
      const [newP, newV] = reference.sgd(p, part, floats(`g${i}`), { ...sgd, rate, weightDecay: weightDecays[i] as number });
      part.set(newV);
      return make(newP, shapeOf(inputs[`p${i}`]));
    });
    return [make(velocity, shapeOf(inputs["velocity"])), ...parameters];
  },
};

const widthsOf = (floats: Context["floats"], attrs: object): fractional.Widths => ({
  widths: floats("widths"),
  share: floats("share"),
  modified: (attrs as { modified: boolean }).modified,
});

const shapeOf = (info: tf.TensorInfo | undefined): number[] => (info as tf.TensorInfo).shape;

let registered = false;

/** Registers the kernels; further calls do nothing. */
export function registerCpuKernels(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, compute] of Object.entries(COMPUTE)) {
    tf.registerKernel({
      kernelName,
      backendName: "cpu",
      kernelFunc: ({ inputs, backend, attrs }) => {
        const cpu = backend as MathBackendCPU;
        const named = inputs as Inputs;
        return compute(named, attrs ?? {}, {
          floats: (name) => cpu.readSync((named[name] as tf.TensorInfo).dataId) as Float32Array,
          make: (values, like) =>
            cpu.makeTensorInfo([...like], "float32", typeof values === "number" ? Float32Array.of(values) : values),
        });
      },
    });
  }
}
