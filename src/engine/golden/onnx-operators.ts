/** onnx.operators/1: small ONNX models against the outputs of ONNX's reference evaluator. */
import * as tf from "@tensorflow/tfjs-core";
import { createRandom } from "../../core/random";
import { readNetwork } from "../../formats/models";
import { namedBytes } from "../../formats/read";
import { FLOAT, forward } from "../forward";
import { createNetwork, disposeNetwork } from "../network";
import { compare, type CaseResult } from "./compare";
import { field, toleranceOf, type Json } from "./read";

export async function checkOnnxOperators(json: Json): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const entry of field<readonly Json[]>(json, "cases")) {
    const refused = (error: Error): CaseResult => {
      const [name, tolerance] = [field<string>(entry, "name"), toleranceOf(json)];
      return { name, tolerance, maxAbs: NaN, maxRel: NaN, pass: false, worst: error.message };
    };
    results.push(await checkCase(entry, json).catch(refused));
  }
  return results;
}

async function checkCase(entry: Json, file: Json): Promise<CaseResult> {
  const comparison = compare(field(entry, "name"), toleranceOf(file));
  const bytes = Uint8Array.from(atob(field(entry, "model")), (character) => character.charCodeAt(0));
  const { info, build, values } = await readNetwork([namedBytes(new Blob([bytes]), "case.onnx")]);
  const shape = field<readonly number[]>(entry, "input", "shape");
  const [batch = 1, ...sizes] = shape;
  const graph = build(inputShape(info.input, sizes));
  // Symbols are whole numbers.
  const type = graph.nodes.some(({ op }) => op === "embedding") ? "int32" : "float32";
  const x = tf.tensor(field<number[]>(entry, "input", "data"), [...shape], type);
  const moved = inputShape(info.input, sizes).join() !== sizes.join();
  const input = moved ? tf.transpose(x, [0, 2, 3, 1]) : tf.clone(x);
  const network = createNetwork(graph, createRandom(1), values);
  const logits = tf.tidy(() => forward(network, input, FLOAT, { training: false }).logits);
  comparison.check(`output of ${batch}`, logits, field(entry, "output", "data"));
  tf.dispose([x, input, logits]);
  disposeNetwork(network);
  return comparison.result();
}

/** Sizes of the file's input in our order: channels last, which a file that has them last, too, says by its sizes. */
function inputShape(declared: readonly (number | null)[], [first = 1, ...others]: readonly number[]): readonly number[] {
  const isImage = others.length === 2;
  return isImage && declared.join() !== [first, ...others].join() ? [...others, first] : [first, ...others];
}
