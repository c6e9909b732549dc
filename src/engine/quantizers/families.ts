/** Families of quantizers that a search of bit-widths can run with in place of its published ones. */
import type { OptionSpec } from "../../core/catalog";
import type { Candidate } from "../../core/search";
import { SCHEME_FORM } from "../kernels/contract";
import { findScheme, SCHEMES } from "./schemes";

const PUBLISHED = "published";

/** Of AutoQNN's schemes those with levels equally far apart, for weights and activations, at any of several widths. */
const UNIFORM = SCHEMES.filter(({ roles, minBits, maxBits, row }) => {
  const { form } = row(maxBits);
  return roles.length === 2 && maxBits > minBits && (form === SCHEME_FORM.floor || form === SCHEME_FORM.round);
});

/** The choice among them; `published` says what the paper has. */
export const familyOption = (published: string): OptionSpec => ({
  id: "quantizer",
  label: "Quantizers",
  help: "Those of the paper, or one of AutoQNN's uniform schemes for weights and activations alike, which has 2 to 8 bits.",
  values: [{ id: PUBLISHED, label: `${published} (published)` }, ...UNIFORM.map(({ id, label }) => ({ id, label }))],
  initial: PUBLISHED,
});

/** The scheme that a value of that option stands for; null for the published quantizers. */
export const familyScheme = (value: string): string | null => (value === PUBLISHED ? null : value);

/** Candidates of a scheme at those of the bits that it has. A RangeError with a sentence if it has none of them. */
export function familyCandidates(scheme: string, bits: readonly number[]): readonly Candidate[] {
  const { label, minBits, maxBits } = findScheme(scheme);
  const own = bits.filter((width) => width >= minBits && width <= maxBits);
  if (own.length === 0) throw new RangeError(`The quantizer ${label} has ${minBits} to ${maxBits} bits: choose some of them.`);
  return own.map((width) => ({ bits: width, scheme }));
}
