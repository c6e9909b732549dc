import { SCHEME_FORM, STATISTIC } from "../../kernels/contract";
import { gaussianStep } from "../lloyd";
import { schemeOf, WEIGHTS_AND_ACTIVATIONS } from "./scheme";

/**
 * ClipQ: `(clip(floor(x / a), -2^(b-1), 2^(b-1) - 1) + 1/2) a`, `a = l_b sqrt(D)` with the optimal steps l_b of a normal tensor. The only
 * scheme that blocks the gradient outside its range, which ends at the outermost levels.
 */
export const clip = schemeOf({
  id: "clipq",
  label: "ClipQ (clipped uniform)",
  letter: "C",
  roles: WEIGHTS_AND_ACTIVATIONS,
  minBits: 2,
  maxBits: 8,
  row: (bits) => ({
    form: SCHEME_FORM.floor,
    statistic: STATISTIC.deviation,
    factor: gaussianStep(bits),
    low: -(2 ** (bits - 1)),
    high: 2 ** (bits - 1) - 1,
    offset: 0.5,
    pass: 2 ** (bits - 1) - 0.5,
  }),
});
