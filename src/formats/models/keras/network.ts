/** A Keras model as a network: its layers as nodes, its tensors as their values. */
import { FormatError } from "../../../core/dataset";
import { createGraph, endShapes, ownParameterShapes, type Graph, type GraphNode, type Shape } from "../../../core/graph";
import { outputShape } from "../../../core/graph-shapes";
import type { ImportedNetwork } from "../../../core/imported";
import { guessNormalisation } from "../guess";
import { foldPadding } from "../fold-padding";
import type { ModelLimits } from "../reader";
import { refusalOf } from "../refusal";
import type { Flow, Place, Tensors } from "./layer";
import { createNames, type Names } from "../../../core/names";
import { tensorsOf, type TensorSource } from "./tensors";
import { INPUT, readTopology, type Entry, type Step, type Topology } from "./topology";

/** A model as its files have it. */
export interface KerasModel {
  readonly file: string;
  /** What the network is to be called; null for the model's own name. */
  readonly name: string | null;
  readonly format: string;
  readonly sha256: string;
  /** The JSON. */
  readonly model: unknown;
  /** 3 or 2, which stands for TensorFlow.js, too. */
  readonly version: number;
  readonly source: TensorSource;
}

/** Throws a FormatError with a sentence; nothing is read in part. */
export function networkOf(given: KerasModel, limits: ModelLimits): ImportedNetwork {
  const { file } = given;
  try {
    const topology = readTopology(given.model, given.version, limits.nodes);
    if (topology.refused.length > 0) throw refusalOf(file, topology.layers, topology.refused);
    return assembled(given, topology);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FormatError(`"${file}" cannot be used: ${error.message.replace(/\.$/, "")}.`, { cause: error });
  }
}

/** An application of a layer with its tensors and the names of its nodes. */
interface Placed extends Step {
  readonly id: number;
  readonly tensors: Tensors;
  readonly base: string;
  /** The name at the layer's first application, which owns the weights. */
  readonly owner: string;
}

function assembled(given: KerasModel, topology: Topology): ImportedNetwork {
  const names = createNames();
  const input = names.fresh("input");
  const placed = placeSteps(topology, names, (entry) => tensorsOf(entry, given.source, given.file));
  const values = valuesOf(placed, names);
  const build = (shape: Shape): Graph => {
    if (shape.length !== topology.input.length)
      throw new RangeError(`This network reads inputs of ${topology.input.length} axes, not of ${shape.join(" x ")}.`);
    return buildGraph(topology, placed, names, { node: input, shape });
  };
  const graph = build(usualShape(topology.input));
  checkValues(graph, values);
  const left = given.source.unused().filter((name) => !/seed_generator|(^|\/)count(:0)?$/.test(name));
  const info = {
    name: given.name ?? topology.name,
    format: given.format,
    sha256: given.sha256,
    input: topology.input,
    classes: endShapes(graph).output.at(-1) ?? 1,
    parameters: [...values].reduce((sum, [name, { length }]) => (/\.(mean|variance)$/.test(name) ? sum : sum + length), 0),
    notes: [...topology.notes, ...(left.length === 0 ? [] : [unusedNote(left)])],
    normalisation: guessNormalisation(graph),
  };
  return { info, build, values };
}

const unusedNote = (names: readonly string[]): string =>
  `${names.length} of the file's tensors belong to no layer of the network and are left out: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""}.`;

/** Sizes for which a network is tried where its file leaves them open. */
function usualShape(input: readonly (number | null)[]): Shape {
  const usual = input.length === 3 ? [224, 224, 3] : input.map(() => 32);
  return input.map((size, axis) => size ?? usual[axis] ?? 1);
}

/** The steps that the output needs, with names. */
function placeSteps({ steps, output }: Topology, names: Names, tensorsFor: (entry: Entry) => Tensors): readonly Placed[] {
  const needed = new Set([output]);
  for (let id = output; id >= 0; id--) if (needed.has(id)) steps[id]?.inputs.forEach((input) => needed.add(input));
  const first = new Map<Entry, Placed>();
  return steps.flatMap((step, id) => {
    if (!needed.has(id)) return [];
    const before = first.get(step.entry);
    const base = names.fresh(step.entry.path.join("/"));
    const placed = { ...step, id, base, owner: before?.owner ?? base, tensors: before?.tensors ?? tensorsFor(step.entry) };
    if (!before) first.set(step.entry, placed);
    return [placed];
  });
}

/** Running statistics are each application's own; everything else is the first one's. */
function valuesOf(placed: readonly Placed[], names: Names): ReadonlyMap<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const { base, owner, entry, tensors } of placed) {
    for (const [part, parameters] of Object.entries(entry.layer.values(tensors))) {
      for (const [parameter, value] of Object.entries(parameters)) {
        const isStatistic = parameter === "mean" || parameter === "variance";
        if (base === owner || isStatistic) values.set(`${names.part(base, part)}.${parameter}`, value);
      }
    }
  }
  return values;
}

const WITH_PARAMETERS: ReadonlySet<string> = new Set(["conv", "dense", "embedding", "lstm", "batchNorm"]);

function buildGraph({ name }: Topology, placed: readonly Placed[], names: Names, input: Flow): Graph {
  const nodes: GraphNode[] = [{ op: "input", name: input.node, inputs: [], shape: input.shape }];
  const flows = new Map<number, Flow>([[INPUT, input]]);
  for (const { id, base, owner, entry, inputs, tensors } of placed) {
    const add: Place["add"] = (part, operation, ...read) => {
      const shared = base !== owner && WITH_PARAMETERS.has(operation.op) ? { weightOf: names.part(owner, part) } : {};
      const node: GraphNode = { ...operation, name: names.part(base, part), inputs: read.map((flow) => flow.node), ...shared };
      nodes.push(node);
      const shape = outputShape(
        node,
        read.map((flow) => flow.shape),
      );
      return { node: node.name, shape };
    };
    const [first = input, ...others] = inputs.map((step) => flows.get(step) ?? input);
    flows.set(id, entry.layer.nodes({ inputs: [first, ...others], tensors, add }));
  }
  return createGraph(name, foldPadding(nodes));
}

/** Values fit the layers as they will be created. */
function checkValues(graph: Graph, values: ReadonlyMap<string, Float32Array>): void {
  for (const node of graph.nodes) {
    const shapes = Object.entries(ownParameterShapes(graph, node));
    const channels = node.op === "batchNorm" ? [graph.shapes.get(node.name)?.at(-1) ?? 0] : [];
    const statistics = node.op === "batchNorm" ? (["mean", "variance"] as const).map((name) => [name, channels] as const) : [];
    for (const [parameter, shape] of [...shapes, ...statistics]) {
      const length = values.get(`${node.name}.${parameter}`)?.length;
      const wanted = shape.reduce((product, size) => product * size, 1);
      if (length !== wanted) {
        throw new RangeError(
          `its layer "${node.name}" has ${length ?? 0} numbers as its ${parameter} and needs ${wanted} (${shape.join(" x ")})`,
        );
      }
    }
  }
}
