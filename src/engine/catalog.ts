/** What the engine can do, as data for those who offer it. */
import type { Catalog } from "../core/catalog";
import { METHODS } from "./methods";
import { findQuantizer } from "./quantizers";
import { SCHEMES } from "./quantizers/schemes";

export const CATALOG: Catalog = {
  methods: METHODS.map(({ id, label, summary, knobs, options, defaults, sampling, continuation }) => ({
    id,
    label,
    summary,
    knobs,
    options,
    defaults,
    sampling,
    continuation,
  })),
  schemes: SCHEMES.map(({ id, label, letter, roles, minBits, maxBits }) => {
    const { signed, zeroPoint, rounding } = findQuantizer(id);
    return { id, label, letter, roles, minBits, maxBits, grid: { signed, zeroPoint, rounding } };
  }),
};
