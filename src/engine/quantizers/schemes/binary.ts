import { SCHEME_FORM, STATISTIC } from "../../kernels/contract";
import { schemeOf, WEIGHTS_ONLY } from "./scheme";

/** Binary weights, `E|x| sign(x)`, zero negative (AutoQNN; XNOR-Net's scale). The published code leaves zeros as they are. */
export const binary = schemeOf({
  id: "binary",
  label: "Binary",
  letter: "B",
  roles: WEIGHTS_ONLY,
  minBits: 1,
  maxBits: 1,
  row: () => ({
    form: SCHEME_FORM.residual,
    statistic: STATISTIC.magnitude,
    factor: 1,
    scale: STATISTIC.magnitude,
    high: 1,
  }),
});
