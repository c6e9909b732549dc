/** A model's JSON as the steps that it computes: nested models opened up, in an order in which every input is there. */
import { quoted } from "../../../core/json";
import type { RefusedNode } from "../refusal";
import { Unsupported, type Config } from "./config";
import { openFunctional } from "./functional";
import { plainLayer, type KerasLayer } from "./layer";
import { layerReader } from "./layers";
import { configOf, groupsOf, inputShape, isInput, isModel, layersOf, nameOf } from "./model-json";
import { applicationsOf } from "./references";

/** A layer, which may be applied more than once. */
export interface Entry {
  /** Its name, after those of the models that it lies in. */
  readonly path: readonly string[];
  /** Where Keras 3 keeps its variables: "layers/sequential/layers/conv2d_1". */
  readonly group: string;
  readonly layer: KerasLayer;
}

/** One application of a layer. */
export interface Step {
  readonly entry: Entry;
  /** The steps whose outputs it reads; `INPUT` for the network's input. */
  readonly inputs: readonly number[];
}

export const INPUT = -1;

export interface Topology {
  readonly name: string;
  /** As the file declares it, without the batch. */
  readonly input: readonly (number | null)[];
  readonly steps: readonly Step[];
  /** The step that gives the output. */
  readonly output: number;
  /** All layers, each counted once. */
  readonly layers: number;
  readonly refused: readonly RefusedNode[];
  /** Sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads the JSON of a model that Keras `version` wrote. Throws a RangeError with the end of a sentence if it is no network with one input
 * and one output, or has more than `mostSteps` layers.
 */
export function readTopology(model: unknown, version: number, mostSteps: number): Topology {
  if (!isModel(model)) throw new RangeError("it holds no Sequential or functional model");
  const input = inputShape(model);
  if (!input) throw new RangeError("it does not say what its input is: build the model before it is saved");
  const read = entryReader(version);
  const steps: Step[] = [];
  let models = 0;
  const checkCount = (): void => {
    if (steps.length + models > mostSteps) throw new RangeError(`it has more than ${mostSteps} layers`);
  };

  const openLayer = (layer: Config, path: readonly string[], group: string, inputs: readonly number[]): number => {
    if (isModel(layer)) {
      const [only, ...others] = inputs;
      if (only === undefined || others.length > 0)
        throw new RangeError(`its model ${quoted(nameOf(layer))} does not have one input`);
      return open(layer, [...path, nameOf(layer)], `${group}/`, only);
    }
    const entry = read.entry(layer, path, group);
    const isRefused = applicationsOf(layer).includes(null);
    if (inputs.length === 0 && !isRefused) throw new RangeError(`its layer ${quoted(nameOf(layer))} reads nothing`);
    checkCount();
    return steps.push({ entry, inputs }) - 1;
  };
  const open = (opened: Config, path: readonly string[], group: string, from: number): number => {
    models++;
    checkCount();
    const layers = layersOf(opened);
    const groups = groupsOf(layers, group);
    const openOne = (layer: Config, inputs: readonly number[]): number => openLayer(layer, path, groups.get(layer) ?? "", inputs);
    if (opened["class_name"] !== "Sequential") return openFunctional(opened, from, openOne);
    return layers.filter((layer) => !isInput(layer)).reduce((before, layer) => openOne(layer, [before]), from);
  };
  const output = open(model, [], "", INPUT);
  if (output === INPUT) throw new RangeError("it has no layers");
  const { name } = configOf(model);
  return { name: typeof name === "string" ? name : "model", input, steps, output, ...read.found() };
}

/** Reads each layer once. Those that cannot be used are noted, so that all of them can be named together. */
function entryReader(version: number) {
  const refused: RefusedNode[] = [];
  const notes: string[] = [];
  const entries = new Map<Config, Entry>();

  const read = (layer: Config, name: string): KerasLayer => {
    const type = String(layer["class_name"]).slice(0, 60);
    try {
      const reader = layerReader(type);
      if (!reader) throw new Unsupported("such layers are not supported");
      if (applicationsOf(layer).includes(null)) throw new Unsupported("it reads more than the outputs of other layers");
      const found = reader(configOf(layer), version);
      if (found.note !== null) notes.push(`${type} ${quoted(name)}: ${found.note}.`);
      return found;
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      refused.push({ name, type, reason: error.message });
      return plainLayer(({ inputs: [input] }) => input);
    }
  };
  return {
    entry: (layer: Config, path: readonly string[], group: string): Entry => {
      const known = entries.get(layer);
      if (known) return known;
      const own = [...path, nameOf(layer)];
      const entry = { path: own, group, layer: read(layer, own.join("/")) };
      entries.set(layer, entry);
      return entry;
    },
    found: () => ({ layers: entries.size, refused, notes }),
  };
}
