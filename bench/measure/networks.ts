/** The networks that are measured, all on batches of 32 colour images of 32 x 32 pixels in ten classes. */
import type { Graph, Shape } from "../../src/core/graph";
import { layersOf } from "../../src/core/layers";
import { findModel } from "../../src/core/models";
import { graphBuilder } from "../../src/core/models/builder";

export type NetworkId = "4-conv" | "ResNet-8" | "ResNet-20";

export const BATCH = 32;
export const INPUT: Shape = [32, 32, 3];
export const CLASSES = 10;

const WIDTH = 16;

const BUILD: Readonly<Record<NetworkId, () => Graph>> = {
  "4-conv": fourConvolutions,
  "ResNet-8": () => findModel("resnet8").build({ width: WIDTH, input: INPUT, classes: CLASSES }),
  "ResNet-20": () => findModel("resnet20").build({ width: WIDTH, input: INPUT, classes: CLASSES }),
};

export const graphOf = (id: NetworkId): Graph => BUILD[id]();

/** Multiply-add operations (two each) of one training step: forward, both gradients; the images need no gradient. */
export function stepOperations(id: NetworkId): number {
  const macs = layersOf(graphOf(id)).map((layer) => layer.macs);
  return 2 * BATCH * (3 * macs.reduce((sum, n) => sum + n, 0) - (macs[0] ?? 0));
}

/**
 * Four convolutions with batch normalisation and ReLU, of 16 channels each, the second with stride 2, and a linear head: three searched
 * layers. The prototype's records name no strides; with these, times relative to ResNet-20 and the added cost of candidates are what
 * it measured (float and search, in PyTorch and in stock TensorFlow.js alike), with four layers at 32 x 32 they are not.
 */
function fourConvolutions(): Graph {
  const net = graphBuilder(INPUT);
  let x = "input";
  [1, 2, 1, 1].forEach((stride, i) => {
    x = net.batchNorm(`bn${i + 1}`, net.conv(`conv${i + 1}`, x, WIDTH, 3, { stride }));
    x = net.add(`relu${i + 1}`, { op: "relu" }, x);
  });
  x = net.add("pool", { op: "globalAveragePool" }, x);
  net.add("fc", { op: "dense", units: CLASSES, bias: true }, x);
  return net.build("4-conv");
}
