/**
 * fracbits.layer/1: convolutions and dense layers at fractional widths as one-layer networks, through the engine's own forward pass
 * and FracBits's relaxation.
 */
import * as tf from "@tensorflow/tfjs-core";
import { layersOf } from "../../core/layers";
import { createRandom } from "../../core/random";
import { ROLES, type Role } from "../../core/search";
import type { Relaxation } from "../methods/method";
import { forward } from "../forward";
import { createNetwork, disposeNetwork, makeVariable, type Network } from "../network";
import { explicitPadding } from "../ops/conv";
import { quantizeWeight, type Rescale, type Unit } from "../quantizers/dorefa";
import { clipName } from "../quantizers/pact";
import type { Widths } from "../quantizers/widths";
import { compare, type CaseResult, type Comparison, type Tolerance } from "./compare";
import { LAMDA, listOf, openPublished, operationOf, optionsOf, setWidths, spaceOf, widthsOf } from "./fracbits-published";
import { oneLayerGraph } from "./one-layer";
import { field, scalarTolerance, tensorOf, toTensor, toleranceOf, type GoldenTensor, type Json } from "./read";

export function checkFractionalLayers(json: Json, exactDivision: boolean): Promise<readonly CaseResult[]> {
  const tolerance = toleranceOf(json);
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const comparison = compare(field<string>(entry, "name"), tolerance);
    tf.tidy(() => checkLayer(entry, comparison, scalarTolerance(tolerance, exactDivision)));
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function checkLayer(entry: Json, comparison: Comparison, scalar: Tolerance): void {
  const { network, relaxation, tensor, own, bias, clip } = open(entry);
  const x = makeVariable(toTensor(tensor("x")), true);
  const scale = evaluationScale(entry, network);
  const forwardPass = (): tf.Tensor => forward(network, x, relaxation.pass(true), { training: false }).logits;
  const variables = [x, own, ...(bias ? [bias] : []), ...relaxation.architecture.values(), ...(clip ? [clip] : [])];
  const { grads } = tf.variableGrads(() => {
    const y = tf.div(forwardPass(), scale);
    return tf.sum(tf.mul(y, toTensor(tensor("upstream")))) as tf.Scalar;
  }, variables);
  comparison.check("y", tf.div(forwardPass(), scale), tensor("y").data);

  const pass = relaxation.pass(true);
  const effective = (role: Role, value: tf.Tensor): tf.Tensor => pass.quantize("layer", role, value, true)[0] as tf.Tensor;
  comparison.check("effective_x", asPublished(entry, network, effective("activation", x)), tensor("effective_x").data);
  comparison.check("effective_weight", tf.div(effective("weight", own), scale), tensor("effective_weight").data);
  if (bias && entry["effective_bias"]) comparison.check("effective_bias", tf.div(bias, scale), field(entry, "effective_bias"));

  const gradient = (variable: tf.Variable): tf.Tensor => grads[variable.name] as tf.Tensor;
  comparison.check("grad x", gradient(x), tensor("grad", "x").data);
  comparison.check("grad weight", gradient(own), tensor("grad", "weight").data);
  if (bias) comparison.check("grad bias", gradient(bias), field(entry, "grad", "bias"));
  if (clip) comparison.check("grad alpha", gradient(clip), [field(entry, "grad", "alpha")], { tolerance: scalar });
  for (const role of ROLES) {
    const golden = field<Json>(entry, "grad")[LAMDA[role]];
    if (golden === null) continue;
    const variable = widthsOf(relaxation, role);
    // Pinned widths have no gradient; the file writes 0.
    comparison.check(`grad ${LAMDA[role]}`, variable ? gradient(variable) : listOf(golden).map(() => 0), listOf(golden), {
      tolerance: scalar,
    });
  }
  x.dispose();
  relaxation.dispose();
  disposeNetwork(network);
}

interface Open {
  readonly network: Network;
  readonly relaxation: Relaxation;
  readonly tensor: (...path: readonly string[]) => GoldenTensor;
  readonly own: tf.Variable;
  readonly bias: tf.Variable | undefined;
  readonly clip: tf.Variable | undefined;
}

/** The layer with the values of the case. */
function open(entry: Json): Open {
  const [flags, config] = [field<Json>(entry, "flags"), field<Json>(entry, "config")];
  const depthwise = ((config["groups"] as number | undefined) ?? 1) > 1;
  const tensor = (...path: readonly string[]): GoldenTensor => tensorOf(field(entry, ...path), depthwise);
  const input = tensor("x").shape.slice(1);
  const graph = oneLayerGraph(input, operationOf(config, input));
  const network = createNetwork(graph, createRandom(1));
  const own = network.trainable.get("layer.weight") as tf.Variable;
  const bias = network.trainable.get("layer.bias");
  const space = spaceOf(layersOf(graph).map((layer) => ({ flags, config, layer })));
  const relaxation = openPublished(space, optionsOf(flags, config, "bitops"), () => own);
  const clip = relaxation.parameters.get(clipName("layer"));
  tf.tidy(() => {
    own.assign(toTensor(tensor("weight")));
    bias?.assign(tf.tensor1d(field<number[]>(entry, "bias")));
    clip?.assign(tf.tensor1d([field<number>(entry, "alpha")]));
  });
  ROLES.forEach((role) => setWidths(relaxation, role, listOf(entry[LAMDA[role]])));
  return { network, relaxation, tensor, own, bias, clip };
}

/** Published convolutions with TensorFlow's SAME padding pad the quantized input before they take it; ours pad in the convolution. */
function asPublished(entry: Json, { graph }: Network, x: tf.Tensor): tf.Tensor {
  const node = graph.nodes.at(-1);
  if (field<Json>(entry, "config")["same_padding"] !== true || node?.op !== "conv") return x;
  return tf.pad(x, explicitPadding(node.padding));
}

/**
 * What published dense layers leave out when they evaluate: instead of scaling the weight by s they divide the bias by s, and so all
 * logits. Here evaluation and training are one code, and the predicted class is the same.
 */
function evaluationScale(entry: Json, network: Network): tf.Tensor {
  const [flags, config] = [field<Json>(entry, "flags"), field<Json>(entry, "config")];
  const { rescale, rescaleTo, wunit } = optionsOf(flags, config, "bitops");
  if (field<boolean>(entry, "training") || rescale === "none") return tf.scalar(1);
  const [layer] = layersOf(network.graph);
  if (!layer) throw new RangeError("The case has no layer.");
  const lamda = listOf(entry["lamda_w"]);
  const floor = lamda.map(Math.floor);
  const widths: Widths = {
    widths: tf.tensor2d([floor, lamda.map(Math.ceil)]),
    share: tf.tensor1d(lamda.map((width, i) => width - (floor[i] as number))),
  };
  const weight = network.trainable.get("layer.weight") as tf.Variable;
  return quantizeWeight(layer, weight, widths, wunit as Unit, rescaleTo as Rescale).scale;
}
