import { SCHEME_FORM, STATISTIC } from "../../kernels/contract";
import { schemeOf, WEIGHTS_AND_ACTIVATIONS } from "./scheme";

/** ZoomQ: 2^b cells of `a = (max - min) / 2^b` from the minimum on, each with its middle as level. */
export const zoom = schemeOf({
  id: "zoomq",
  label: "ZoomQ (from minimum to maximum)",
  letter: "Z",
  roles: WEIGHTS_AND_ACTIVATIONS,
  minBits: 2,
  maxBits: 8,
  row: (bits) => ({
    form: SCHEME_FORM.floor,
    statistic: STATISTIC.range,
    factor: 2 ** -bits,
    fromMinimum: 1,
    high: 2 ** bits - 1,
    offset: 0.5,
  }),
});
