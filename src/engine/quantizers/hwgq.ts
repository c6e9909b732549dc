/** The quantizers of EdMIPS: uniform for Gaussian weights, half-wave Gaussian for activations (HWGQ, Cai et al. 2017). */
import type { Candidate } from "../../core/search";
import { gaussianStep, halfWaveStep } from "./lloyd";
import { gridQuantizer } from "./grid";

/** Published steps for 1 to 4 bits; the paper has none above. */
const WEIGHT_STEPS: Readonly<Record<number, number>> = { 1: 1.596, 2: 0.996, 3: 0.586, 4: 0.336 };
const ACTIVATION_STEPS: Readonly<Record<number, number>> = { 1: 0.799, 2: 0.538, 3: 0.3217, 4: 0.185 };

/** Float32 has no infinity problem here, but WGSL may assume that none occur: the largest finite value stands in. */
const UNLIMITED = 3.4e38;

/** Step for N(0, 1) weights at 1 to 8 bits: published up to 4, the Lloyd-optimal one above. */
export const weightStep = (bits: number): number => WEIGHT_STEPS[bits] ?? gaussianStep(bits);

/** Step for half-wave rectified N(0, 1) activations at 1 to 8 bits, likewise. */
export const activationStep = (bits: number): number => ACTIVATION_STEPS[bits] ?? halfWaveStep(bits);

/** `Q(W) = clamp((round(W/s + 1/2) - 1/2) s, +-(2^(b-1) - 1/2) s)`, `s = d_b std(W)`; the gradient passes everywhere. */
export const gaussian = gridQuantizer({
  id: "gaussian",
  label: "Gaussian (uniform, mid-rise)",
  role: "weight",
  minBits: 1,
  maxBits: 8,
  row: (bits) => ({
    step: weightStep(bits),
    shift: 0.5,
    qMin: 1 - 2 ** (bits - 1),
    qMax: 2 ** (bits - 1),
    passMin: -UNLIMITED,
    passMax: UNLIMITED,
  }),
  rectifies: false,
  zeroPoint: -0.5,
  signed: true,
});

/** Whether a candidate's levels are for a tensor of unit variance, whatever the tensor's is. */
export const isForUnitTensors = ({ scheme }: Candidate): boolean => scheme === hwgq.id;

/** `A(x) = round(clamp(x, 0, h_b (2^b - 1)) / h_b) h_b`; the gradient passes inside the clamp, ends included. */
export const hwgq = gridQuantizer({
  id: "hwgq",
  label: "HWGQ (half-wave Gaussian)",
  role: "activation",
  minBits: 1,
  maxBits: 8,
  row: (bits) => {
    const step = activationStep(bits);
    return { step, shift: 0, qMin: 0, qMax: 2 ** bits - 1, passMin: 0, passMax: step * (2 ** bits - 1) };
  },
  rectifies: true,
  zeroPoint: 0,
  signed: false,
});
