/** Attributes of nodes with their defaults. */
import { constantOf, numbersIn, Refusal, type Constant } from "./constant";
import type { OnnxNode } from "./messages";

export function numberOf(node: OnnxNode, name: string, usual: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.type === "number" ? attribute.value : usual;
}

export function numbersOf(node: OnnxNode, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === "numbers" ? attribute.value : undefined;
}

export function textOf(node: OnnxNode, name: string, usual: string): string {
  const attribute = node.attributes.get(name);
  return attribute?.type === "text" ? attribute.value : usual;
}

export function tensorOf(node: OnnxNode, name: string, most: number): Constant | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === "tensor" ? constantOf(attribute.value, most) : undefined;
}

/** Opset 13 moved the axes of some operators from an attribute to an input (reductions: opset 18). */
export function axesOf(node: OnnxNode, input: Constant | undefined): readonly number[] | undefined {
  return input ? numbersIn(input) : numbersOf(node, "axes");
}

/** Two numbers of an attribute for height and width. */
export function pairOf(node: OnnxNode, name: string, usual: number): readonly [number, number] {
  const values = numbersOf(node, name) ?? [usual, usual];
  const [height, width] = values;
  if (values.length !== 2 || height === undefined || width === undefined)
    throw new Refusal(`its ${name} has ${values.length} numbers: only layers on images (two axes) are supported`);
  return [height, width];
}
