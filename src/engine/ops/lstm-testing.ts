/** What tests of LSTMs on several backends share. */
import * as tf from "@tensorflow/tfjs-core";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../../core/config";
import { createGraph } from "../../core/graph";
import { layersOf } from "../../core/layers";
import { createRandom } from "../../core/random";
import { searchSpace } from "../../core/search";
import { crossEntropy } from "../kernels/ops";
import { findMethod } from "../methods";
import { FLOAT, forward } from "../forward";
import { anotherWeight, createNetwork, disposeNetwork } from "../network";

const [VOCABULARY, LENGTH, SEQUENCES] = [7, 6, 3];

const everyNth = (step: number): number[] => Array.from({ length: SEQUENCES * LENGTH }, (_, i) => (i * step) % VOCABULARY);

/**
 * Loss of a small language model, the gradients of its parameters through time and, where a method is given, of the architecture that
 * its first search mixes candidates with. Made anew and freed at each call, but for the tensors it gives.
 */
export function lossAndGradients(method: string | null): tf.Tensor[] {
  const random = createRandom(5);
  const graph = createGraph("net", [
    { name: "input", inputs: [], op: "input", shape: [LENGTH] },
    { name: "embedding", inputs: ["input"], op: "embedding", vocabulary: VOCABULARY, size: 4 },
    { name: "lstm1", inputs: ["embedding"], op: "lstm", units: 8, returns: "sequence" },
    { name: "fc", inputs: ["lstm1"], op: "dense", units: VOCABULARY, bias: true },
  ]);
  const network = createNetwork(graph, random);
  const found = method === null ? null : findMethod(method);
  const stage = found?.stages({})[0];
  const weight = (layer: string): tf.Variable => network.trainable.get(`${layer}.weight`) as tf.Variable;
  const relaxation =
    found &&
    stage?.open({
      space: searchSpace(layersOf(graph), { includeEnds: false, site: found.site(DEFAULT_CONFIG) }),
      knobs: DEFAULT_KNOBS,
      random,
      weight,
      anotherWeight: (layer, label) => anotherWeight(network, layer, random.fork(label)),
    });
  const x = tf.tensor2d(everyNth(5), [SEQUENCES, LENGTH], "int32");
  const labels = tf.tensor1d(everyNth(3), "int32");
  const variables = [
    ...network.trainable.values(),
    ...(relaxation ? [...relaxation.architecture.values(), ...relaxation.parameters.values()] : []),
  ];
  relaxation?.prepare?.(0.5);
  const { value, grads } = tf.variableGrads(() => {
    const pass = relaxation ? relaxation.pass(true) : null;
    const { loss } = crossEntropy(forward(network, x, pass ?? FLOAT, { training: true, random }).logits, labels);
    return pass ? tf.add<tf.Scalar>(loss, pass.penalty(DEFAULT_KNOBS)) : tf.clone(loss);
  }, variables);
  const results = [value, ...variables.map((variable) => grads[variable.name] as tf.Tensor)];
  disposeNetwork(network);
  relaxation?.dispose();
  tf.dispose([x, labels]);
  return results;
}
