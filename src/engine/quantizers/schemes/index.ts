/** The eight schemes of AutoQNN, and candidates of them as what the kernels take. */
import * as tf from "@tensorflow/tfjs-core";
import type { Candidate, Role } from "../../../core/search";
import { SCHEME_FORM, STATISTIC, type SchemeStatisticsAttrs } from "../../kernels/contract";
import { rowValues, type SchemeRow } from "../../kernels/scheme-row";
import { binary } from "./binary";
import { clip } from "./clip";
import { fixed } from "./fixed";
import { pot } from "./pot";
import { quaternary } from "./quaternary";
import { residual } from "./residual";
import type { Scheme } from "./scheme";
import { ternary } from "./ternary";
import { zoom } from "./zoom";

export { averageStatistics } from "./average";

/** All of them, coarsest first. */
export const SCHEMES: readonly Scheme[] = [binary, ternary, quaternary, fixed, residual, zoom, clip, pot];

/** The scheme called `id`; a RangeError with the known ones otherwise. */
export function findScheme(id: string): Scheme {
  const scheme = SCHEMES.find((known) => known.id === id);
  if (!scheme) throw new RangeError(`No scheme "${id}". Known: ${SCHEMES.map((known) => known.id).join(", ")}.`);
  return scheme;
}

/** Those for tensors of a role. */
export const schemesFor = (role: Role): readonly Scheme[] => SCHEMES.filter(({ roles }) => roles.includes(role));

/** Candidates as rows. A RangeError for a scheme that is not known or does not have so many bits. */
export function rowsOf(candidates: readonly Candidate[]): readonly SchemeRow[] {
  return candidates.map(({ scheme, bits }) => {
    const { label, minBits, maxBits, row } = findScheme(scheme);
    if (!(bits >= minBits && bits <= maxBits))
      throw new RangeError(`The scheme ${label} has ${minBits} to ${maxBits} bits: take ${bits} out of the candidates.`);
    return row(bits);
  });
}

/** Rows as the tensor of the kernels, [K, 12]. The caller disposes it. */
export const rowsTensor = (rows: readonly SchemeRow[]): tf.Tensor2D => tf.tensor2d(rows.map((row) => [...rowValues(row)]));

/** The statistics that these candidates need: what no one needs costs nothing. */
export function statisticsFor(rows: readonly SchemeRow[]): SchemeStatisticsAttrs {
  const residuals = rows.map(({ form, high }) => (form === SCHEME_FORM.residual ? high : 1));
  return {
    residuals: Math.max(1, ...residuals),
    ternary: rows.some(({ scale }) => scale === STATISTIC.ternary),
    // All candidates of a tensor share its residuals.
    zero: rows[0]?.zero ?? -1,
  };
}
