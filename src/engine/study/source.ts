/** The network of a configuration, fitted to a data set: built in, or out of a file with its weights. */
import type { RunConfig } from "../../core/config";
import type { DatasetInfo } from "../../core/dataset";
import { fitHead, fitInput, inputFor } from "../../core/fit-graph";
import { ownParameterShapes, type Graph } from "../../core/graph";
import { IMPORTED, type ImportedNetwork } from "../../core/imported";
import { buildModel } from "../../core/models";
import { parseNormalisation } from "../../core/normalisation";
import type { NetworkValues } from "../network";

export interface NetworkSource {
  readonly graph: Graph;
  /** What its variables start from; those that are not named start at random. */
  readonly values: NetworkValues;
  /** The last layer, if its outputs were not the data's classes and it was made anew; null otherwise. */
  readonly renewed: string | null;
  /** The file that it is out of; null for a built-in network. */
  readonly imported: ImportedNetwork | null;
}

const NO_VALUES: NetworkValues = new Map();

/** Throws a RangeError with a sentence if there is no such network, or if it cannot be trained on the data. */
export function openSource(config: RunConfig, info: DatasetInfo, imported: ImportedNetwork | null): NetworkSource {
  if (config.model !== IMPORTED) {
    const { resolution } = config;
    const resized = info.kind === "images" && resolution > 0 ? { ...info, height: resolution, width: resolution } : info;
    const graph = buildModel(config.model, config.width, resized);
    return { graph: withPixels(graph, config, info), values: NO_VALUES, renewed: null, imported: null };
  }
  if (!imported) {
    throw new RangeError("The network of this setting is not loaded: drop its file on the page, or choose a built-in one.");
  }
  const built = imported.build(inputFor(imported.info.input, info, config.resolution));
  if (config.start === "pretrained") checkSizes(built, imported.values);
  const { graph, renewed } = fitHead(built, info.classes.length);
  const values = config.start === "scratch" ? NO_VALUES : without(imported.values, renewed);
  return { graph: withPixels(graph, config, info, imported.info.normalisation), values, renewed, imported };
}

const withPixels = (graph: Graph, config: RunConfig, info: DatasetInfo, guess?: string): Graph =>
  info.kind === "images" ? fitInput(graph, info, parseNormalisation(config.normalise, guess)) : graph;

const without = (values: NetworkValues, node: string | null): NetworkValues =>
  new Map([...values].filter(([name]) => node === null || !name.startsWith(`${node}.`)));

/** Weights fit one size of image where a dense layer follows the flattened map. */
function checkSizes(graph: Graph, values: NetworkValues): void {
  for (const node of graph.nodes) {
    for (const [parameter, shape] of Object.entries(ownParameterShapes(graph, node))) {
      const length = values.get(`${node.name}.${parameter}`)?.length;
      const wanted = shape.reduce((product, size) => product * size, 1);
      if (length !== undefined && length !== wanted) {
        throw new RangeError(
          `Layer "${node.name}" has ${length} numbers in the file as its ${parameter} and would need ${wanted} for images of this size: set the resolution to the one that the network was trained with, or start from scratch.`,
        );
      }
    }
  }
}
