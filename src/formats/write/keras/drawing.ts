/** A graph as a functional Keras model, layer after layer. */
import { parameterShapes, shapeOf, type Graph, type GraphNode, type Shape } from "../../../core/graph";
import { signedNodes } from "../../../core/layers";
import { createNames } from "../../../core/names";

/** The output of one application of a layer. */
export interface Output {
  readonly layer: string;
  /** Which application, counted from 0. */
  readonly node: number;
}

export type Setting = string | number | boolean | null | readonly Setting[] | { readonly [key: string]: Setting };

/** A tensor of a layer: where its numbers come from is asked for only when they are written. */
export interface Weight {
  /** "kernel" */
  readonly name: string;
  readonly shape: Shape;
  readonly values: (read: ReadValues) => Float32Array;
}

/** Values of a variable of the network: "conv1.weight". */
export type ReadValues = (variable: string) => Float32Array;

export interface DrawnLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, Setting>>;
  /** What each of its applications reads. */
  readonly applications: (readonly Output[])[];
  readonly weights: readonly Weight[];
}

/** What a node has to say it as layers. */
export interface Pen<N extends GraphNode = GraphNode> {
  readonly node: N;
  readonly inputs: readonly [Output, ...Output[]];
  /** Of the first input. */
  readonly shape: Shape;
  /** Whether the first input has no negative values. */
  readonly nonNegative: boolean;
  /** Name of the node whose parameters are used: itself, or the first one that a layer stands for. */
  readonly owner: string;
  /** Shapes of the owner's parameters. */
  readonly parameters: Readonly<Record<string, Shape>>;
  /** Appends a layer called after the node; `part` tells it from the main one, whose part is "". */
  readonly layer: (
    part: string,
    className: string,
    config: DrawnLayer["config"],
    inputs?: readonly Output[],
    weights?: readonly Weight[],
  ) => Output;
  /** Something that whoever takes the file should know. */
  readonly note: (sentence: string) => void;
}

/** Why a node cannot be written: the end of a sentence. */
export class Unwritable extends Error {
  override readonly name = "Unwritable";
}

export interface Drawing {
  readonly layers: readonly DrawnLayer[];
  readonly output: Output;
  /** Sentences about what is written in another form. */
  readonly notes: readonly string[];
}

/** How a node becomes layers; gives the output of the last one. Throws an Unwritable. */
export type DrawNode = (pen: Pen) => Output;

/** Throws a RangeError with a sentence that names every node that cannot be written. */
export function drawGraph(graph: Graph, draw: DrawNode): Drawing {
  const layers = new Map<string, DrawnLayer>();
  const outputs = new Map<string, Output>();
  const notes: string[] = [];
  const refused: string[] = [];
  const penFor = pens(graph, layers, (sentence) => void notes.push(sentence));
  for (const node of graph.nodes) {
    const [first = NOWHERE, ...others] = node.inputs.map((input) => outputs.get(input) ?? NOWHERE);
    try {
      outputs.set(node.name, draw(penFor(node, [first, ...others])));
    } catch (error) {
      if (!(error instanceof Unwritable)) throw error;
      refused.push(`"${node.name}" (${error.message})`);
    }
  }
  if (refused.length > 0)
    throw new RangeError(`This network cannot be written as a LayersModel: Keras has no layer for ${refused.join(", ")}.`);
  return { layers: [...layers.values()], output: outputs.get(graph.nodes.at(-1)?.name ?? "") ?? NOWHERE, notes };
}

const NOWHERE: Output = { layer: "", node: 0 };

const isSame = (layer: DrawnLayer, className: string, config: DrawnLayer["config"]): boolean =>
  layer.className === className && JSON.stringify(layer.config) === JSON.stringify(config);

function pens(graph: Graph, layers: Map<string, DrawnLayer>, note: Pen["note"]): (node: GraphNode, inputs: Pen["inputs"]) => Pen {
  const names = createNames();
  const bases = new Map(graph.nodes.map(({ name }) => [name, names.fresh(layerName(name))]));
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const signed = signedNodes(graph);
  const inputShape = ({ inputs, name }: GraphNode): Shape => shapeOf(graph, inputs[0] ?? name);
  return (node, inputs) => {
    const owner = nodes.get(node.weightOf ?? node.name) ?? node;
    const called = ({ name }: GraphNode, part: string): string => names.part(bases.get(name) ?? name, part);
    return {
      ...{ node, inputs, note, owner: owner.name, shape: inputShape(node) },
      nonNegative: !signed.has(node.inputs[0] ?? node.name),
      parameters: parameterShapes(owner, inputShape(owner)),
      layer: (part, className, config, reads = inputs, weights = []) => {
        // A layer that is applied again, if nothing but the input differs.
        const first = owner === node || weights.length === 0 ? undefined : layers.get(called(owner, part));
        if (first && isSame(first, className, config)) return { layer: first.name, node: first.applications.push(reads) - 1 };
        const name = called(node, part);
        layers.set(name, { className, name, config, applications: [reads], weights });
        return { layer: name, node: 0 };
      },
    };
  };
}

/** TensorFlow.js takes letters, digits and ". _ / -" in a name, and no such mark at its start. */
const layerName = (name: string): string => name.replace(/[^\w./-]/g, "_").replace(/^[^A-Za-z0-9]+/, "") || "layer";
