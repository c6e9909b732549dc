import { SCHEME_FORM, STATISTIC } from "../../kernels/contract";
import { gaussianStep } from "../lloyd";
import { schemeOf, WEIGHTS_ONLY } from "./scheme";

/** Quaternary weights: `(clip(floor(x / a), -2, 1) + 1/2) a`, `a` the optimal step of two bits for a normal tensor, 0.9957 sqrt(D). */
export const quaternary = schemeOf({
  id: "quaternary",
  label: "Quaternary",
  letter: "Q",
  roles: WEIGHTS_ONLY,
  minBits: 2,
  maxBits: 2,
  row: () => ({
    form: SCHEME_FORM.floor,
    statistic: STATISTIC.deviation,
    factor: gaussianStep(2),
    low: -2,
    high: 1,
    offset: 0.5,
  }),
});
