/**
 * edmips.mix_conv/1, edmips.mix_linear/1, edmips.quant_layers/1: composite and fixed-bit layers as one-layer networks that run
 * through the engine's own forward pass, EdMIPS relaxation and cost model.
 */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../../core/config";
import type { Graph, Padding } from "../../core/graph";
import { layersOf } from "../../core/layers";
import { searchSpace, type Role, type SearchSpace } from "../../core/search";
import { createRandom } from "../../core/random";
import { fixedQuantization } from "../fixed";
import { edmips } from "../methods/edmips";
import type { Relaxation, RelaxedPass } from "../methods/method";
import { forward, type Quantization } from "../forward";
import { anotherWeight, createNetwork, disposeNetwork, makeVariable, type Network } from "../network";
import { compare, type CaseResult, type Comparison, type Tolerance } from "./compare";
import { oneLayerGraph } from "./one-layer";
import { field, pairOf, scalarTolerance, tensorOf, toTensor, type Json } from "./read";

export function checkMixedLayers(json: Json, exactDivision: boolean): Promise<readonly CaseResult[]> {
  const tolerance = field<Tolerance>(json, "tolerance");
  const scalar = scalarTolerance(tolerance, exactDivision);
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const comparison = compare(field<string>(entry, "name"), tolerance);
    tf.tidy(() => checkMixedLayer(entry, comparison, scalar));
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

function checkMixedLayer(entry: Json, comparison: Comparison, scalar: Tolerance): void {
  const { graph, network, space } = oneLayer(entry, {
    weight: field<number[]>(entry, "wbits"),
    activation: field<number[]>(entry, "abits"),
  });
  const depthwise = isDepthwise(entry);
  const weights = field<readonly Json[]>(entry, "weights");
  const variants = field<boolean>(entry, "share_weight") ? ["shared", "parallel"] : ["non-shared"];
  for (const branches of variants) {
    const relaxation = openRelaxation(network, space, branches);
    setWeights(network, relaxation, weights, depthwise);
    setLogits(relaxation, "weight", field<number[]>(entry, "alpha_weight"));
    setLogits(relaxation, "activation", field<number[]>(entry, "alpha_activ"));
    const own = network.trainable.get("layer.weight") as tf.Variable;
    const others = [...relaxation.parameters.values()];
    const logits = [...relaxation.architecture.values()];
    const x = makeVariable(toTensor(tensorOf(entry["x"])), true);
    const upstream = toTensor(tensorOf(entry["upstream"]));
    let y: tf.Tensor | null = null;
    const { grads } = tf.variableGrads(() => {
      y = tf.keep(output(network, x, relaxation.pass(true)));
      return tf.sum(tf.mul(y, upstream)) as tf.Scalar;
    }, [x, own, ...others, ...logits]);
    const say = (what: string): string => (branches === "parallel" ? `parallel ${what}` : what);
    const gradient = (variable: tf.Variable): tf.Tensor => grads[variable.name] as tf.Tensor;
    comparison.check(say("y"), y as unknown as tf.Tensor, tensorOf(entry["y"]).data);
    comparison.check(say("grad x"), gradient(x), tensorOf(field(entry, "grad", "x")).data);
    [own, ...others].forEach((variable, k) => {
      comparison.check(say(`grad weight ${k}`), gradient(variable), tensorOf(field(entry, "grad", "weights", k), depthwise).data);
    });
    comparison.check(say("grad alpha_weight"), gradient(logits[0] as tf.Variable), field(entry, "grad", "alpha_weight"), {
      tolerance: scalar,
    });
    comparison.check(say("grad alpha_activ"), gradient(logits[1] as tf.Variable), field(entry, "grad", "alpha_activ"), {
      tolerance: scalar,
    });
    checkCost(entry, relaxation, comparison);
    (y as tf.Tensor | null)?.dispose();
    x.dispose();
    relaxation.dispose();
  }
  disposeNetwork(network);
  comparison.check(
    "size product",
    [(layersOf(graph)[0]?.sizeProduct ?? 0) / 1e6],
    [field(entry, "complexity", "size_product_M")],
  );
}

/** Probabilities, the complexity and its gradients; the golden value is not normalised by the first layer. */
function checkCost(entry: Json, relaxation: Relaxation, comparison: Comparison): void {
  const size = field<number>(entry, "complexity", "size_product_M");
  const { value, grads } = tf.variableGrads(
    () => tf.mul(relaxation.pass(true).penalty({ ...DEFAULT_KNOBS, lambda: 1 }), size) as tf.Scalar,
    [...relaxation.architecture.values()],
  );
  const [weight, activation] = [...relaxation.architecture.values()] as [tf.Variable, tf.Variable];
  comparison.check("complexity", value, [field(entry, "complexity", "value")]);
  const gradient = (variable: tf.Variable): tf.Tensor => grads[variable.name] as tf.Tensor;
  comparison.check("complexity grad alpha_weight", gradient(weight), field(entry, "complexity", "grad_alpha_weight"));
  comparison.check("complexity grad alpha_activ", gradient(activation), field(entry, "complexity", "grad_alpha_activ"));
  const pass = relaxation.pass(false);
  comparison.check("p_weight", pass.probabilities("weight"), field(entry, "p_weight"));
  comparison.check("p_activ", pass.probabilities("activation"), field(entry, "p_activ"));
  const expected = tf.mul(tf.mul(pass.bits("weight"), pass.bits("activation")), size);
  comparison.check("expected BitOps", expected, [field(entry, "best", "expected_bitops_M")]);
}

export function checkFixedLayers(json: Json): Promise<readonly CaseResult[]> {
  const tolerance = field<Tolerance>(json, "tolerance");
  const comparisons = field<readonly Json[]>(json, "cases").map((entry) => {
    const [wbit, abit] = [field<number>(entry, "wbit"), field<number>(entry, "abit")];
    const comparison = compare(`${field<string>(entry, "kind")} W${wbit}A${abit}`, tolerance);
    tf.tidy(() => {
      const { network, space } = oneLayer({ ...entry, weights: [entry["weight"]] }, { weight: [wbit], activation: [abit] });
      const own = network.trainable.get("layer.weight") as tf.Variable;
      own.assign(toTensor(tensorOf(entry["weight"])));
      const quantization = fixedQuantization(space.layers, [
        { site: "layer/weight", bits: wbit, scheme: "gaussian" },
        { site: "layer/activation", bits: abit, scheme: "hwgq" },
      ]);
      const bias = network.trainable.get("layer.bias");
      if (bias) bias.assign(toTensor(tensorOf(entry["bias"])));
      const x = makeVariable(toTensor(tensorOf(entry["x"])), true);
      const upstream = toTensor(tensorOf(entry["upstream"]));
      const loss = (): tf.Scalar => tf.sum(tf.mul(output(network, x, quantization), upstream)) as tf.Scalar;
      const { grads } = tf.variableGrads(loss, [x, own, ...(bias ? [bias] : [])]);
      comparison.check("y", output(network, x, quantization), tensorOf(entry["y"]).data);
      comparison.check("grad x", grads[x.name] as tf.Tensor, tensorOf(field(entry, "grad", "x")).data);
      comparison.check("grad weight", grads[own.name] as tf.Tensor, tensorOf(field(entry, "grad", "weight")).data);
      if (bias) comparison.check("grad bias", grads[bias.name] as tf.Tensor, tensorOf(field(entry, "grad", "bias")).data);
      quantization.dispose();
      x.dispose();
      disposeNetwork(network);
    });
    return comparison;
  });
  return Promise.all(comparisons.map((comparison) => comparison.result()));
}

/** The network of one layer called "layer", with the layer as the whole search space. */
function oneLayer(
  entry: Json,
  bits: Readonly<Record<Role, readonly number[]>>,
): { graph: Graph; network: Network; space: SearchSpace } {
  const x = tensorOf(entry["x"]).shape.slice(1);
  const weight = tensorOf(field(entry, "weights", 0)).shape;
  const config = (entry["config"] ?? {}) as Json;
  const bias = entry["bias"] !== undefined;
  const [vertical, horizontal] = pairOf(config["padding"], 0);
  const padding: Padding = { top: vertical, bottom: vertical, left: horizontal, right: horizontal };
  const graph = oneLayerGraph(
    x,
    weight.length === 2
      ? { op: "dense", units: weight[1] as number, bias }
      : {
          op: "conv",
          filters: weight[3] as number,
          kernel: [weight[0], weight[1]] as [number, number],
          stride: pairOf(config["stride"], 1),
          padding,
          dilation: [1, 1],
          groups: (config["groups"] as number | undefined) ?? 1,
          bias,
        },
  );
  const space = searchSpace(layersOf(graph), {
    includeEnds: true,
    site: edmips.site({ ...DEFAULT_CONFIG, weightBits: bits.weight, activationBits: bits.activation }),
  });
  return { graph, network: createNetwork(graph, createRandom(1)), space };
}

function openRelaxation(network: Network, space: SearchSpace, branches: string): Relaxation {
  const stage = edmips.stages({ branches })[0];
  if (!stage) throw new RangeError("EdMIPS has no stage.");
  const weight = (layer: string): tf.Variable => network.trainable.get(`${layer}.weight`) as tf.Variable;
  const random = createRandom(2);
  return stage.open({
    space,
    knobs: DEFAULT_KNOBS,
    random,
    weight,
    anotherWeight: (layer, label) => anotherWeight(network, layer, random.fork(label)),
  });
}

function setWeights(network: Network, relaxation: Relaxation, weights: readonly Json[], depthwise: boolean): void {
  const own = network.trainable.get("layer.weight") as tf.Variable;
  [own, ...relaxation.parameters.values()].forEach((variable, k) => variable.assign(toTensor(tensorOf(weights[k], depthwise))));
}

function setLogits(relaxation: Relaxation, role: Role, values: readonly number[]): void {
  relaxation.architecture.get(role)?.assign(tf.tensor2d([[...values]]));
}

const output = (network: Network, x: tf.Tensor, quantization: Quantization | RelaxedPass): tf.Tensor =>
  forward(network, x, quantization, { training: false }).logits;

const isDepthwise = (entry: Json): boolean => ((entry["config"] as Json)["groups"] ?? 1) !== 1;
