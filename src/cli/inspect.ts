/** `bitloom inspect`: a network's layers and what they cost. */
import { FLOAT_BITS, costTotals, layerBitOps, type LayerBits } from "../core/cost";
import { LIMITS } from "../core/config";
import { layersOf } from "../core/layers";
import { trainingMemory } from "../core/memory";
import { ONE_BRANCH } from "../core/memory-nodes";
import { sizeText, totalBytes } from "../core/memory-advice";
import type { Graph } from "../core/graph";
import { findModel, MODELS } from "../core/models";
import { parseArguments, UsageError } from "./arguments";
import type { Command } from "./command";
import { isPath, openNetwork } from "./network";
import { table } from "./table";

const COMMAND_FLAGS = ["width", "input", "classes", "vocabulary", "bits", "batch", "json", "ends"];

export const inspect: Command = {
  name: "inspect",
  usage: `inspect MODEL [--width N] [--input HxWxC] [--classes N] [--vocabulary N] [--bits W,A] [--batch N] [--ends] [--json]
    Prints layers, shapes, MACs, parameters, and BitOps with the searched layers at W and A bits (default 4,4); the first and the
    last layer stay float, unless --ends. Without --width, --input and --classes it is the published network, for ImageNet
    or CIFAR-10 (LeNet-5: MNIST). The memory is that of an EdMIPS search on WASM, with batches of N (default 64).
    Networks for text take their length as --input, those for numbers their features. MODEL is the file of a network, or one of
    ${MODELS.map((model) => model.id).join(", ")}`,
  run: async (args) => {
    const { words, flags } = parseArguments(args, ["json", "ends"]);
    for (const name of flags.keys()) {
      if (!COMMAND_FLAGS.includes(name)) throw new UsageError(`inspect has no option --${name}.`);
    }
    const [id, ...more] = words;
    if (id === undefined || more.length > 0) throw new UsageError("inspect takes the name of one network.");
    const [weightBits, activationBits] = numbers(flags.get("bits") ?? "4,4", ",", 2, FLOAT_BITS, "--bits");
    const [batch] = numbers(flags.get("batch") ?? "64", ",", 1, LIMITS.batch.max, "--batch");
    const { name, graph, notes } = isPath(id) ? await fromFile(id, flags) : builtIn(id, flags);
    const layers = layersOf(graph);
    const ends = flags.has("ends");
    const rows = layers.map((layer) => {
      const searched = ends || layer.end === null;
      const bits: LayerBits = searched
        ? { weight: weightBits as number, activation: activationBits as number }
        : { weight: FLOAT_BITS, activation: FLOAT_BITS };
      return { layer, searched, bits };
    });
    const searched = rows.filter((row) => row.searched);
    const memory = trainingMemory({
      graph,
      searched: searched.map((row) => row.layer),
      branches: ONE_BRANCH,
      rectifies: () => true,
      batch: batch as number,
    });
    const totals = costTotals(
      searched.map((row) => row.layer),
      searched.map((row) => row.bits),
    );
    const report = {
      model: name,
      layers: rows.map(({ layer, searched: isSearched, bits }) => ({
        ...layer,
        searched: isSearched,
        ...bits,
        bitOps: layerBitOps(layer, bits),
      })),
      all: { macs: sum(layers.map((layer) => layer.macs)), parameters: sum(layers.map((layer) => layer.weights + layer.biases)) },
      searched: totals,
      memory: { batch, bytes: totalBytes(memory, { copies: 1 }), largestTensor: memory.largest },
    };
    if (flags.has("json")) console.log(JSON.stringify(report, null, 2));
    else {
      const lines = report.layers.map((layer) => [
        layer.name,
        layer.kind,
        `${layer.input.join("x")} > ${layer.output.join("x")}`,
        layer.macs.toLocaleString("en"),
        (layer.weights + layer.biases).toLocaleString("en"),
        layer.searched ? String(layer.weight) : "float",
        layer.searched ? String(layer.activation) : "float",
        layer.bitOps.toLocaleString("en"),
      ]);
      for (const note of notes) console.log(note);
      console.log(table(["layer", "type", "shape", "MACs", "parameters", "weight bits", "act. bits", "BitOps"], lines));
      console.log(
        `\nall layers: ${report.all.macs.toLocaleString("en")} MACs, ${report.all.parameters.toLocaleString("en")} parameters (batch norms and embeddings not counted)` +
          `\nsearched layers: ${totals.bitOps.toLocaleString("en")} BitOps, float ${totals.bitOpsFloat.toLocaleString("en")}; weights ${totals.weightBytes.toLocaleString("en")} bytes` +
          `\ntraining with batches of ${batch}: about ${sizeText(report.memory.bytes)} of memory, ${sizeText(memory.largest)} in the largest tensor`,
      );
    }
    return 0;
  },
};

interface Inspected {
  readonly name: string;
  readonly graph: Graph;
  /** What is to be said before the table. */
  readonly notes: readonly string[];
}

type Flags = ReadonlyMap<string, string>;

function builtIn(id: string, flags: Flags): Inspected {
  const model = findModel(id);
  const { published } = model;
  const [channelWidth] = numbers(flags.get("width") ?? String(model.width), ",", 1, LIMITS.width.max, "--width");
  const size = flags.get("input");
  const [vocabulary] = numbers(flags.get("vocabulary") ?? "65", ",", 1, 65_536, "--vocabulary");
  const [classes] = numbers(flags.get("classes") ?? String(published.classes ?? vocabulary), ",", 1, 100_000, "--classes");
  const graph = model.build({
    width: channelWidth as number,
    input: size === undefined ? published.input : numbers(size, "x", published.input.length, 4096, "--input"),
    classes: classes as number,
    ...(model.task !== "images" && { vocabulary: vocabulary as number }),
  });
  return { name: model.id, graph, notes: [] };
}

/** Sizes that a file leaves open have to be given. */
async function fromFile(path: string, flags: Flags): Promise<Inspected> {
  for (const flag of ["width", "classes", "vocabulary"]) {
    if (flags.has(flag)) throw new UsageError(`--${flag} is for built-in networks: ${path} has its own.`);
  }
  const { info, build } = await openNetwork(path);
  const size = flags.get("input");
  const declared = info.input.every((length): length is number => length !== null) ? info.input : null;
  if (size === undefined && !declared) {
    throw new UsageError(`${path} leaves sizes of its input open (${info.input.map((n) => n ?? "?").join("x")}): give --input.`);
  }
  const input = size === undefined ? (declared as readonly number[]) : numbers(size, "x", info.input.length, 4096, "--input");
  return { name: info.name, graph: build(input), notes: [info.format, ...info.notes] };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function numbers(text: string, separator: string, count: number, max: number, flag: string): readonly number[] {
  const values = text.split(separator).map(Number);
  if (values.length !== count || !values.every((value) => Number.isInteger(value) && value >= 1 && value <= max)) {
    throw new UsageError(
      `${flag} ${text}: it must be ${count} whole number${count > 1 ? `s separated by "${separator}"` : ""} from 1 to ${max}.`,
    );
  }
  return values;
}
