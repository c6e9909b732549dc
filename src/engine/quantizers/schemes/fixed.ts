import { SCHEME_FORM, STATISTIC } from "../../kernels/contract";
import { schemeOf, WEIGHTS_AND_ACTIVATIONS } from "./scheme";

/**
 * FixedQ, fixed point: multiples of `a = 2^(floor(log2 max|x|) - (b - 2))`, clipped to the 2^b of a signed b-bit integer. The published
 * code does not clip, and then has up to 2^b + 1 levels.
 */
export const fixed = schemeOf({
  id: "fixed",
  label: "FixedQ (fixed point)",
  letter: "F",
  roles: WEIGHTS_AND_ACTIVATIONS,
  minBits: 2,
  maxBits: 8,
  row: (bits) => ({
    form: SCHEME_FORM.round,
    statistic: STATISTIC.largest,
    power: 1,
    factor: 2 ** (2 - bits),
    low: -(2 ** (bits - 1)),
    high: 2 ** (bits - 1) - 1,
  }),
});
