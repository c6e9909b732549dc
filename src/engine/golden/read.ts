/** Reading golden JSON: the few shapes that its README defines, checked as they are taken. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tolerance } from "./compare";

export type Json = Readonly<Record<string, unknown>>;

/** A member that must exist. Throws with the path's last word. */
export function field<T>(json: unknown, ...path: readonly (string | number)[]): T {
  let value: unknown = json;
  for (const key of path) {
    value = (value as Record<string | number, unknown> | null | undefined)?.[key];
    if (value === undefined) throw new RangeError(`The golden file has no "${path.join(".")}".`);
  }
  return value as T;
}

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** The NHWC, HWCM, HWIO, IO or plain form of a tensor: the one that TensorFlow.js uses. */
export function tensorOf(json: unknown, depthwise = false): GoldenTensor {
  const forms = json as Readonly<Record<string, GoldenTensor>> & Partial<GoldenTensor>;
  const found =
    (depthwise ? forms["hwcm"] : undefined) ??
    forms["nhwc"] ??
    forms["hwio"] ??
    forms["io"] ??
    (forms as unknown as GoldenTensor);
  if (!Array.isArray(found.data) || !Array.isArray(found.shape))
    throw new RangeError("The golden file has a tensor without data.");
  return found;
}

export const toTensor = ({ shape, data }: GoldenTensor): tf.Tensor => tf.tensor([...data], [...shape], "float32");

/** A file's or a quantity's tolerance; one of its two parts may be left out. */
export function toleranceOf(json: Json, ...path: readonly string[]): Tolerance {
  const { abs = 0, rel = 0 } = field<Partial<Tolerance>>(json, "tolerance", ...path);
  return { abs, rel };
}

/** On a GPU the golden README allows ten times the tolerance for scalar gradients. */
const GPU_SLACK = 10;

/** The tolerance of scalar gradients, which are long sums: wider where division is inexact (GPUs). */
export const scalarTolerance = ({ abs, rel }: Tolerance, exactDivision: boolean): Tolerance =>
  exactDivision ? { abs, rel } : { abs: abs * GPU_SLACK, rel: rel * GPU_SLACK };

/** Integers `[from, from + 1, ...]`, or the given pair of a "3 or [1, 5]" field. */
export const pairOf = (value: unknown, fallback: number): readonly [number, number] =>
  Array.isArray(value)
    ? [value[0] as number, value[1] as number]
    : [(value as number | undefined) ?? fallback, (value as number | undefined) ?? fallback];
