import { SCHEME_FORM, STATISTIC, TERNARY_FACTOR } from "../../kernels/contract";
import { schemeOf, WEIGHTS_ONLY } from "./scheme";

/**
 * Ternary weights (TWN, Li et al. 2016): `t = clip(round(x / d), -1, 1)`, `d = 1.4 E|x|`, times `sum(t x) / sum|t|`. Rounds half to even:
 * exactly half of d gives zero.
 */
export const ternary = schemeOf({
  id: "ternary",
  label: "Ternary",
  letter: "T",
  roles: WEIGHTS_ONLY,
  minBits: 2,
  maxBits: 2,
  row: () => ({
    form: SCHEME_FORM.round,
    statistic: STATISTIC.magnitude,
    factor: TERNARY_FACTOR,
    scale: STATISTIC.ternary,
    low: -1,
    high: 1,
  }),
});
