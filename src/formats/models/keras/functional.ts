/** The order of a functional model's layers: each application as soon as what it reads is there. */
import { quoted } from "../../../core/json";
import type { Config } from "./config";
import { configOf, isInput, isModel, layersOf, nameOf } from "./model-json";
import { applicationsOf, referencesOf, type Reference } from "./references";

/** Opens one application of a layer and gives the step of its output. */
export type OpenLayer = (layer: Config, inputs: readonly number[]) => number;

const keyOf = ({ layer, node }: Reference): string => `${node} ${layer}`;

/** Gives the step of the model's output. Throws a RangeError with the end of a sentence. */
export function openFunctional(model: Config, input: number, open: OpenLayer): number {
  const layers = layersOf(model);
  const output = outputOf(model);
  const inputs = layers.filter(isInput);
  if (inputs.length !== 1) throw new RangeError(`it has ${inputs.length} inputs, and a network here has one`);
  const done = new Map<string, number>(inputs.map((layer) => [keyOf({ layer: nameOf(layer), node: 0 }), input]));
  const applications = applicationsIn(layers);
  const readers = new Map<string, Application[]>();
  for (const application of applications) {
    for (const key of done.keys()) application.missing.delete(key);
    for (const key of application.missing) {
      const known = readers.get(key);
      if (known) known.push(application);
      else readers.set(key, [application]);
    }
  }
  const ready = applications.filter(({ missing }) => missing.size === 0);
  // The list grows while it is read.
  for (const { layer, key, reads } of ready) {
    const sources = reads.map((read) => done.get(read) ?? input);
    done.set(key, open(layer, sources));
    for (const reader of readers.get(key) ?? []) {
      if (reader.missing.delete(key) && reader.missing.size === 0) ready.push(reader);
    }
  }
  // A model's own applications may be counted from 1.
  const end = done.get(keyOf(output)) ?? done.get(keyOf({ ...output, node: output.node - 1 }));
  if (end === undefined)
    throw new RangeError(`its output ${quoted(output.layer)} depends on itself, or on layers that are not there`);
  return end;
}

function outputOf(model: Config): Reference {
  const [output, ...others] = referencesOf(configOf(model)["output_layers"]);
  if (output && others.length === 0) return output;
  throw new RangeError(`it has ${output ? others.length + 1 : 0} outputs, and a network here has one`);
}

interface Application {
  readonly layer: Config;
  readonly key: string;
  readonly reads: readonly string[];
  /** Those of them that are not there yet. */
  readonly missing: Set<string>;
}

/** All applications of all layers, in the order of the file. */
function applicationsIn(layers: readonly Config[]): readonly Application[] {
  const listed = layers.map((layer) => ({ layer, name: nameOf(layer), applications: applicationsOf(layer) }));
  const shifted = shiftedModels(listed);
  return listed.flatMap(({ layer, name, applications }) =>
    applications.map((references, node) => {
      const reads = (references ?? []).map((read) => keyOf({ ...read, node: read.node - (shifted.has(read.layer) ? 1 : 0) }));
      return { layer, key: keyOf({ layer: name, node }), reads, missing: new Set(reads) };
    }),
  );
}

interface Listed {
  readonly layer: Config;
  readonly name: string;
  readonly applications: readonly (readonly Reference[] | null)[];
}

/** Some versions count the applications of a model from 1, its own making being the first: told by a number that is too high. */
function shiftedModels(listed: readonly Listed[]): ReadonlySet<string> {
  const counts = new Map(
    listed.filter(({ layer }) => isModel(layer)).map(({ name, applications }) => [name, applications.length]),
  );
  const references = listed.flatMap(({ applications }) => applications.flatMap((references) => references ?? []));
  return new Set(references.filter(({ layer, node }) => node >= (counts.get(layer) ?? Infinity)).map(({ layer }) => layer));
}
