/** From ONNX's nodes to our graph. */
import { createGraph, type Graph, type Shape } from "../../../core/graph";
import { constantOf, countElements, Refusal } from "./constant";
import { startDrawing, type Drawing, type Flowing, type Value } from "./drawing";
import { fold, isFoldable } from "./fold";
import type { OnnxInput, OnnxModel, OnnxNode } from "./messages";
import { OPERATORS, REASONS } from "./operators";
import { layerName } from "./names";
import { tidy } from "./tidy";

/** Stands for a batch size that the file leaves open: a number that no layer's size is likely to be taken for. */
const SOME_BATCH = 7;

export interface Translation {
  readonly graph: Graph;
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Names of outputs that were left out. */
  readonly leftOut: readonly string[];
}

/** A node that is not understood. */
export interface Problem {
  readonly node: OnnxNode;
  readonly reason: string;
}

export class Untranslatable extends Error {
  override readonly name = "Untranslatable";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super("Some nodes cannot be translated.");
    this.problems = problems;
  }
}

/** The inputs that are not stored tensors: old files list those among the inputs, too. */
export function openInputs({ inputs, initializers }: OnnxModel): readonly OnnxInput[] {
  const stored = new Set(initializers.map(({ name }) => name));
  return inputs.filter(({ name }) => !stored.has(name));
}

/** Whether the network expects images with their channels last: then the first thing that it does is to move them. */
function channelsComeLast({ nodes }: OnnxModel, input: OnnxInput): boolean {
  const readers = nodes.filter((node) => node.inputs.includes(input.name));
  const moves = (node: OnnxNode): boolean => {
    const perm = node.attributes.get("perm");
    return node.type === "Transpose" && perm?.type === "numbers" && perm.value.join() === "0,3,1,2";
  };
  return readers.length > 0 && readers.every(moves);
}

/** Sizes of the input in our order, without the batch: [height, width, channels], [length, features], [length]; null where open. */
export function inputSizes(model: OnnxModel, input: OnnxInput): readonly (number | null)[] {
  const [, ...sizes] = input.dims;
  if (sizes.length !== 3 || channelsComeLast(model, input)) return sizes;
  const [channels = null, height = null, width = null] = sizes;
  return [height, width, channels];
}

/** Translates for an input of this shape. Throws an Untranslatable with every node that is not understood, a RangeError for the shape. */
export function translate(model: OnnxModel, input: OnnxInput, shape: Shape, most: number): Translation {
  const work = startWork(model, most);
  const { drawing, values } = work;
  const isLast = channelsComeLast(model, input);
  const node = drawing.add(input.name, { op: "input", shape }, []);
  const batch = input.dims[0] ?? SOME_BATCH;
  const flow: Omit<Flowing, "kind" | "node"> =
    shape.length === 3 && !isLast
      ? { dims: [batch, shape[2] as number, shape[0] as number, shape[1] as number], axes: [0, 2, 3, 1] }
      : { dims: [batch, ...shape], axes: [0, ...shape.map((_, axis) => axis + 1)] };
  work.known.set(input.name, { kind: "flowing", node, ...flow });
  for (const onnx of model.nodes) work.translateNode(onnx);
  if (work.problems.length > 0) throw new Untranslatable(work.problems);
  const [first, ...others] = model.outputs;
  const output = work.known.get(first ?? "");
  if (output?.kind !== "flowing") throw new RangeError("The output of this network does not depend on its input.");
  const end = atEnd(drawing, output);
  const result = tidy(drawing.nodes, end, values);
  return { graph: createGraph("imported", result.nodes), values: result.values, leftOut: others };
}

/** [batch, classes], or [batch, length, classes], in this order. */
function atEnd(drawing: Drawing, value: Flowing): string {
  const { dims, axes } = value;
  const [batch = 0] = axes;
  const rest = dims.flatMap((size, axis) => (axis !== batch && size !== 1 ? [axis] : []));
  const wanted = rest.length > 0 ? rest : [axes.at(-1) ?? 1].filter((axis) => axis !== batch);
  return drawing.inLayout(value, [batch, ...wanted]);
}

interface OpenWork {
  readonly drawing: Drawing;
  readonly values: Map<string, Float32Array>;
  readonly known: Map<string, Value>;
  readonly problems: Problem[];
  readonly translateNode: (node: OnnxNode) => void;
}

function startWork(model: OnnxModel, most: number): OpenWork {
  const drawing = startDrawing();
  const values = new Map<string, Float32Array>();
  const known = new Map<string, Value>();
  const problems: Problem[] = [];
  const layers = new Map<string, string>();
  const readers = readersOf(model);
  const stored = new Map(model.initializers.map((tensor) => [tensor.name, tensor]));

  /** How many tensors a node of ours stands for; more than one, too, where another layer has its weights. */
  const uses = new Map<string, number>();
  const count = (drawn: string, { inputs: [, weight] }: OnnxNode): void => {
    const op = drawing.find(drawn)?.op;
    const isShared = (op === "dense" || op === "conv") && (readers.get(weight ?? "")?.length ?? 0) > 1;
    uses.set(drawn, (uses.get(drawn) ?? 0) + (isShared ? 2 : 1));
  };

  const valueOf = (name: string): Value | undefined => {
    const tensor = stored.get(name);
    if (!known.has(name) && tensor) known.set(name, { kind: "known", constant: constantOf(tensor, most), stored: name });
    return known.get(name);
  };

  const outputsOf = (node: OnnxNode): readonly Value[] => {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : valueOf(name)));
    if (node.domain !== "" && node.domain !== "ai.onnx") throw new Refusal(`it is of the domain ${node.domain}`);
    if (node.type === "Shape" || node.type === "Size") return [shapeOf(node, inputs[0])];
    if (inputs.every((input) => input?.kind !== "flowing")) {
      const constants = inputs.map((input) => (input?.kind === "known" ? input.constant : undefined));
      const constant = fold({ node, inputs: constants, most });
      const kept = node.type === "Identity" && inputs[0]?.kind === "known" ? inputs[0].stored : null;
      if (constant) return [{ kind: "known", constant, stored: kept ?? node.outputs[0] ?? null }];
    }
    const operator = OPERATORS.get(node.type);
    if (!operator) throw new Refusal(REASONS.get(node.type) ?? "this type is not supported here");
    return operator({
      ...{ node, inputs, opset: model.opset, most, drawing, values, layers },
      name: layerName(node),
      isAlone: (drawn) => uses.get(drawn) === 1 && node.inputs.every((name) => (readers.get(name)?.length ?? 0) <= 1),
      readers: (output) => readers.get(node.outputs[output] ?? "") ?? [],
    });
  };

  return {
    ...{ drawing, values, known, problems },
    translateNode: (node) => {
      const lost = node.inputs.some((name) => name !== "" && !known.has(name) && !stored.has(name));
      // What reads something that is not understood cannot be judged, but its type can.
      const unknownType = !OPERATORS.has(node.type) && !isFoldable(node.type);
      if (lost && !unknownType) return;
      try {
        if (unknownType) throw new Refusal(REASONS.get(node.type) ?? "this type is not supported here");
        outputsOf(node).forEach((value, i) => {
          const name = node.outputs[i];
          if (name) known.set(name, value);
          if (value.kind === "flowing") count(value.node, node);
        });
      } catch (error) {
        if (!(error instanceof Refusal) && !(error instanceof RangeError)) throw error;
        problems.push({ node, reason: error.message });
      }
    },
  };
}

/** The sizes of a tensor as a list; of the batch, the number that stands for it. */
function shapeOf(node: OnnxNode, value: Value | undefined): Value {
  const dims = value?.kind === "flowing" ? value.dims : value?.constant.dims;
  if (!dims) throw new Refusal("its input is missing");
  const at = (name: string, usual: number): number => {
    const attribute = node.attributes.get(name);
    const place = attribute?.type === "number" ? attribute.value : usual;
    return place < 0 ? place + dims.length : place;
  };
  const sizes = dims.slice(at("start", 0), at("end", dims.length));
  const data = node.type === "Size" ? Float64Array.of(countElements(dims, Infinity)) : Float64Array.from(sizes);
  return { kind: "known", constant: { dims: node.type === "Size" ? [] : [sizes.length], data }, stored: null };
}

/** Types of the nodes that read each tensor; "end" where it is an output of the network. */
function readersOf({ nodes, outputs }: OnnxModel): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, string[]>();
  const read = (tensor: string, reader: string): void => {
    const known = readers.get(tensor);
    if (known) known.push(reader);
    else readers.set(tensor, [reader]);
  };
  for (const node of nodes) for (const input of node.inputs.filter(Boolean)) read(input, node.type);
  for (const output of outputs) read(output, "end");
  return readers;
}
