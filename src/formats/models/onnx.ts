/** ONNX files (opset 7 and later) as networks with their weights. */
import { FormatError } from "../../core/dataset";
import { endShapes, type Shape } from "../../core/graph";
import type { ImportedInfo, ImportedNetwork } from "../../core/imported";
import { Refusal } from "./onnx/constant";
import { readMessages, type OnnxInput, type OnnxModel } from "./onnx/messages";
import { inputSizes, openInputs, translate, Untranslatable, type Translation } from "./onnx/translate";
import { guessNormalisation } from "./guess";
import { hashOf } from "./hash";
import type { ModelLimits, ModelReader } from "./reader";
import { refusalOf } from "./refusal";
import { readWhole } from "./zip-entries";

/** Before it operators meant other things; after it, they may. */
const OPSETS = { first: 7, last: 21 };

/** Sizes for which a network is tried where its file leaves them open. */
const USUAL_IMAGE: readonly number[] = [224, 224, 3];
const USUAL_LENGTH = 32;

export const onnx: ModelReader = {
  id: "onnx",
  label: "an ONNX file (.onnx)",
  accepts: (files) => files.some(({ file }) => /\.onnx$/i.test(file.name)),
  read: async (files, limits) => {
    const models = files.filter(({ file }) => /\.onnx$/i.test(file.name));
    const [first] = models;
    if (!first || models.length > 1) throw new FormatError("These are several ONNX files: give one at a time.");
    return networkOf(first.file.name, await readWhole(first.file, limits.fileBytes), limits);
  },
};

async function networkOf(file: string, bytes: Uint8Array<ArrayBuffer>, limits: ModelLimits): Promise<ImportedNetwork> {
  const model = readMessages(bytes, file, limits);
  const input = checked(model, file, limits);
  const sizes = inputSizes(model, input);
  const usual = sizes.length === 3 ? USUAL_IMAGE : sizes.map(() => USUAL_LENGTH);
  const tried = sizes.map((size, axis) => size ?? usual[axis] ?? 1);
  const translated = (shape: Shape): Translation => translate(model, input, shape, limits.values);
  let first: Translation;
  try {
    first = translated(tried);
  } catch (error) {
    throw sentenceFor(error, file, model);
  }
  const build: ImportedNetwork["build"] = (shape) => {
    if (shape.join() === tried.join()) return first.graph;
    try {
      return translated(shape).graph;
    } catch (error) {
      throw new RangeError(sentenceFor(error, file, model).message, { cause: error });
    }
  };
  return { info: await infoOf(file, bytes, model, sizes, first), build, values: first.values };
}

function checked(model: OnnxModel, file: string, limits: ModelLimits): OnnxInput {
  const fail = (reason: string): FormatError => new FormatError(`"${file}" cannot be used: ${reason}.`);
  if (model.nodes.length === 0) throw fail("it is not an ONNX file, or its graph is empty");
  if (model.nodes.length > limits.nodes) throw fail(`it has more than ${limits.nodes} nodes`);
  if (model.opset < OPSETS.first) {
    throw fail(
      `it is of opset ${model.opset || "0 (none is named)"}, and those from ${OPSETS.first} on are read: export it again`,
    );
  }
  if (model.sparse > 0) throw fail("it has sparse weights");
  const [input, ...others] = openInputs(model);
  if (!input) throw fail("it has no input");
  if (others.length > 0)
    throw fail(
      `it has ${others.length + 1} inputs (${[input, ...others].map(({ name }) => name).join(", ")}), and a network here has one`,
    );
  if (input.dims.length < 2 || input.dims.length > 4) {
    throw fail(
      `its input has ${input.dims.length} axes: images (batch x channels x height x width), sequences and vectors are supported`,
    );
  }
  return input;
}

function sentenceFor(error: unknown, file: string, model: OnnxModel): FormatError {
  if (error instanceof Untranslatable) {
    const problems = error.problems.map(({ node, reason }) => ({
      name: node.name || (node.outputs[0] ?? ""),
      type: node.type,
      reason,
    }));
    return refusalOf(file, model.nodes.length, problems);
  }
  if (error instanceof RangeError || error instanceof Refusal)
    return new FormatError(`"${file}" cannot be used: ${error.message}`);
  throw error;
}

async function infoOf(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  model: OnnxModel,
  input: readonly (number | null)[],
  { graph, values, leftOut }: Translation,
): Promise<ImportedInfo> {
  const statistics = [...values]
    .filter(([name]) => /\.(mean|variance)$/.test(name))
    .reduce((sum, [, { length }]) => sum + length, 0);
  const all = [...values.values()].reduce((sum, { length }) => sum + length, 0);
  const notes: string[] = [];
  if (leftOut.length > 0) notes.push(`Further outputs are left out: ${leftOut.join(", ")}.`);
  if (model.opset > OPSETS.last)
    notes.push(`Its opset ${model.opset} is newer than what was tested (${OPSETS.last}): check its accuracy.`);
  if (!graph.nodes.some(({ op }) => op === "batchNorm")) {
    notes.push(
      "No batch normalisation stands in the file: where there was some, it is folded into the convolutions and stays so.",
    );
  }
  return {
    name: file.replace(/\.onnx$/i, ""),
    format: `ONNX, opset ${model.opset}${model.producer ? `, from ${model.producer}` : ""}`,
    sha256: await hashOf([bytes]),
    input,
    classes: endShapes(graph).output.at(-1) ?? 1,
    parameters: all - statistics,
    notes,
    normalisation: guessNormalisation(graph),
  };
}
