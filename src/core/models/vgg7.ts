import { graphBuilder } from "./builder";
import { CIFAR10, type Model } from "./model";

/** The VGG-like network of AutoQNN's ablations: two convolutions each of w, 2 w and 4 w channels, pooling between, one dense layer. */
export const vgg7: Model = {
  id: "vgg7",
  label: "VGG-like (7 layers)",
  summary:
    "Six 3x3 convolutions in three stages with max pooling, one dense layer: the seven-layer network of AutoQNN's ablations.",
  task: "images",
  width: 64,
  published: CIFAR10,
  build: ({ width, input, classes }) => {
    const net = graphBuilder(input);
    let x = "input";
    for (let layer = 1; layer <= 6; layer++) {
      const filters = width * 2 ** Math.floor((layer - 1) / 2);
      x = net.batchNorm(`bn${layer}`, net.conv(`conv${layer}`, x, filters, 3));
      x = net.add(`relu${layer}`, { op: "relu" }, x);
      if (layer % 2 === 0) x = net.maxPool(`pool${layer / 2}`, x, 2);
    }
    x = net.add("flatten", { op: "flatten" }, x);
    net.add("fc", { op: "dense", units: classes, bias: true }, x);
    return net.build("vgg7");
  },
};
