/** What an operator's translation is given and gives: a family a file in this folder, one line in `index.ts`. */
import { Refusal, type Constant } from "../constant";
import type { Drawing, Flowing, Value } from "../drawing";
import type { OnnxNode } from "../messages";

export interface Work {
  readonly node: OnnxNode;
  /** What the layer is called in our graph. */
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly opset: number;
  /** Most numbers of a tensor. */
  readonly most: number;
  readonly drawing: Drawing;
  /** Values of the network's variables, to be added to. */
  readonly values: Map<string, Float32Array>;
  /** Layers by the stored tensors that they use, to find those that are applied more than once. */
  readonly layers: Map<string, string>;
  /** Whether nobody but this node uses what one of our nodes gives, which it reads: under whatever name, or with the same weights. */
  readonly isAlone: (node: string) => boolean;
  /** Nodes that read the given output of this node, or the network itself at its end ("end"). */
  readonly readers: (output: number) => readonly string[];
}

/** Gives the values of the outputs, in their order. Throws a Refusal with the reason. */
export type Operator = (work: Work) => readonly Value[];

/** The input that depends on the network's input. */
export function flowing({ inputs }: Work, place = 0): Flowing {
  const input = inputs[place];
  if (input?.kind !== "flowing")
    throw new Refusal(input ? `its input ${place + 1} is a constant` : `it lacks its input ${place + 1}`);
  return input;
}

/** A constant input; undefined if it is left out. */
export function optional({ inputs }: Work, place: number, what: string): Constant | undefined {
  const input = inputs[place];
  if (input?.kind === "flowing") throw new Refusal(`its ${what} is computed by the network instead of being stored`);
  return input?.constant;
}

export function stored(work: Work, place: number, what: string): Constant {
  const constant = optional(work, place, what);
  if (!constant) throw new Refusal(`it lacks its ${what}`);
  return constant;
}

/** A node whose output has its input's sizes and layout. */
export function sameShape(work: Work, operation: Parameters<Drawing["add"]>[1], input = flowing(work)): readonly Value[] {
  return [{ ...input, node: work.drawing.add(work.name, operation, [input.node]) }];
}

/** The same tensor under other ONNX sizes. */
export const relabelled = (value: Flowing, dims: readonly number[], axes: readonly number[]): Value => ({ ...value, dims, axes });

/** An axis that may be counted from the end. */
export function axisIn(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(at) || at < 0 || at >= rank) throw new Refusal(`it has no axis ${axis}`);
  return at;
}
