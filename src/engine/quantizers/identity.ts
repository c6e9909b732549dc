/** Tensors that no quantizer touches. */
import * as tf from "@tensorflow/tfjs-core";
import { FLOAT_BITS } from "../../core/cost";
import type { OpenQuantizer, Quantizer } from "./quantizer";

const open = (step: number): OpenQuantizer => ({
  parameters: new Map(),
  apply: (x) => x,
  calibrate: () => undefined,
  steps: () => tf.tensor1d(step > 0 ? [step] : []),
  dispose: () => undefined,
});

const untouched = { rectifies: false, zeroPoint: 0, rounding: "ROUND", levels: () => [] } as const;

/** A tensor in float, counted with 32 bits. */
export const floatTensor: Quantizer = {
  ...untouched,
  id: "float",
  label: "Float",
  roles: ["weight", "activation"],
  minBits: FLOAT_BITS,
  maxBits: FLOAT_BITS,
  signed: true,
  open: () => open(0),
};

/** The image itself, whose pixels are whole numbers of 8 bits before anything quantizes them. */
export const imageInput: Quantizer = {
  ...untouched,
  id: "image",
  label: "Image (8-bit pixels)",
  roles: ["activation"],
  minBits: 8,
  maxBits: 8,
  signed: false,
  open: () => open(1 / 255),
};
