import { SCHEME_FORM, STATISTIC } from "../../kernels/contract";
import { schemeOf, WEIGHTS_AND_ACTIVATIONS } from "./scheme";

/** ResQ, a sum of b binaries: `r_0 = x`, `x_i = E|r_i| sign(r_i)`, `r_{i+1} = r_i - x_i`. */
export const residual = schemeOf({
  id: "resq",
  label: "ResQ (residual binaries)",
  letter: "R",
  roles: WEIGHTS_AND_ACTIVATIONS,
  minBits: 2,
  maxBits: 8,
  row: (bits) => ({
    form: SCHEME_FORM.residual,
    statistic: STATISTIC.magnitude,
    factor: 1,
    scale: STATISTIC.magnitude + bits - 1,
    high: bits,
  }),
});
