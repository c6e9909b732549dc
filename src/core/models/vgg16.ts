import { graphBuilder } from "./builder";
import { halvingPool, halvingsOf } from "./halvings";
import { IMAGENET, type Model } from "./model";

const WIDTH = 64;

/** Stages of 3x3 convolutions, each ended by pooling: channels as multiples of the width (configuration D of the paper). */
const STAGES = [
  { factor: 1, convolutions: 2 },
  { factor: 2, convolutions: 2 },
  { factor: 4, convolutions: 3 },
  { factor: 8, convolutions: 3 },
  { factor: 8, convolutions: 3 },
];

/** Units of the hidden dense layers as multiples of the width. */
const HIDDEN = 64;

export const vgg16: Model = {
  id: "vgg16",
  label: "VGG-16",
  summary:
    "VGG-16 (Simonyan and Zisserman 2015) with batch normalisation: thirteen 3x3 convolutions, three dense layers with dropout; fewer poolings for small images.",
  task: "images",
  width: WIDTH,
  published: IMAGENET,
  build: ({ width, input, classes }) => {
    const net = graphBuilder(input);
    const halvings = halvingsOf(input, true);
    const unit = (name: string, x: string): string => net.add(`${name}.relu`, { op: "relu" }, net.batchNorm(`${name}.bn`, x));
    let x = "input";
    STAGES.forEach(({ factor, convolutions }, stage) => {
      for (let layer = 1; layer <= convolutions; layer++) {
        const name = `conv${stage + 1}_${layer}`;
        x = unit(name, net.conv(name, x, factor * width, 3));
      }
      x = halvingPool(net, `pool${stage + 1}`, x, 2, halvings[stage]);
    });
    x = net.add("flatten", { op: "flatten" }, x);
    for (const name of ["fc6", "fc7"]) {
      x = unit(name, net.add(name, { op: "dense", units: HIDDEN * width, bias: false }, x));
      x = net.add(`${name}.dropout`, { op: "dropout", rate: 0.5 }, x);
    }
    net.add("fc8", { op: "dense", units: classes, bias: true }, x);
    return net.build("vgg16");
  },
};
