import { SCHEME_FORM, STATISTIC } from "../../kernels/contract";
import { powerStep } from "../lloyd";
import { schemeOf, WEIGHTS_AND_ACTIVATIONS } from "./scheme";

/**
 * PotQ, powers of two: `sign(x) 2^e a`, `e = clip(round(log2 |x / a|), 0, 2^(b-1) - 1)`, with 1/2 in place of 2^0: levels
 * `a {+-1/2, +-2, +-4, ...}`. `a = l_b sqrt(D)`; published tables of l_b disagree, ours is the optimum for a normal tensor. The published
 * code keeps exact zeros, a level more than b bits have.
 */
export const pot = schemeOf({
  id: "potq",
  label: "PotQ (powers of two)",
  letter: "P",
  roles: WEIGHTS_AND_ACTIVATIONS,
  minBits: 2,
  maxBits: 4,
  row: (bits) => ({
    form: SCHEME_FORM.power,
    statistic: STATISTIC.deviation,
    factor: powerStep(bits),
    high: 2 ** (bits - 1) - 1,
  }),
});
