/** Whether a run fits into a backend's memory, and what would. */
import type { MemoryNeed } from "./memory";

/** What a backend's memory holds, in bytes. */
export interface MemoryLimits {
  /** Of all tensors together. */
  readonly total: number;
  /** Of one tensor. */
  readonly tensor: number;
  /** How often a step's tensors are held: a backend that records steps keeps those of recordings beside those of plain steps. */
  readonly copies: number;
}

/** A setting that can be made smaller. */
export interface Reduction {
  /** As a person reads it: "batch". */
  readonly name: string;
  readonly value: number;
  readonly least: number;
  /** With another value. A RangeError where there is no such network. */
  readonly need: (value: number) => MemoryNeed;
}

/** At the peak: a further step, or an evaluation beside what steps have left. */
export const totalBytes = ({ variables, step, evaluation }: MemoryNeed, { copies }: Pick<MemoryLimits, "copies">): number =>
  variables + (copies - 1) * step + Math.max(step, evaluation);

const fits = (need: MemoryNeed, limits: MemoryLimits): boolean =>
  totalBytes(need, limits) <= limits.total && need.largest <= limits.tensor;

/** Null if `need` fits; else a sentence with the estimate, the limit, and for each reduction the first halved value that fits. */
export function memoryProblem(
  need: MemoryNeed,
  limits: MemoryLimits,
  backend: string,
  reductions: readonly Reduction[],
): string | null {
  if (fits(need, limits)) return null;
  const bytes = totalBytes(need, limits);
  const excess =
    bytes > limits.total
      ? `This run would need about ${sizeText(bytes)} of memory, and ${backend} has ${sizeText(limits.total)}`
      : `The largest tensor of this run would take ${sizeText(need.largest)}, and ${backend} allows ${sizeText(limits.tensor)}`;
  const ways = reductions.flatMap((reduction) => firstFitting(reduction, limits) ?? []);
  if (ways.length === 0) return `${excess}: choose a smaller network, or smaller data.`;
  const more = ways.map(({ name, value, size }) => `${name} ${value} would need ${size}`);
  return `${excess}: ${more.join(", ")}.`;
}

function firstFitting(
  { name, value, least, need }: Reduction,
  limits: MemoryLimits,
): { readonly name: string; readonly value: number; readonly size: string } | null {
  for (let smaller = Math.floor(value / 2); smaller >= least; smaller = Math.floor(smaller / 2)) {
    const reduced = need(smaller);
    if (fits(reduced, limits)) return { name, value: smaller, size: sizeText(totalBytes(reduced, limits)) };
  }
  return null;
}

/** "310 MB", "1.2 GB": decimal bytes, two or three digits. */
export function sizeText(bytes: number): string {
  const megabytes = bytes / 1e6;
  if (megabytes < 0.95) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  if (megabytes < 9.95) return `${megabytes.toFixed(1)} MB`;
  return megabytes < 999.5 ? `${Math.round(megabytes)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
