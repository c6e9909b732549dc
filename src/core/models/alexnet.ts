import { NO_PADDING, padded } from "../graph";
import { graphBuilder } from "./builder";
import { halvingsOf, isSmall } from "./halvings";
import { IMAGENET, type Model } from "./model";

const WIDTH = 64;

/** Channels of the convolutions after the first, and whether pooling follows, at the published width. */
const CONVOLUTIONS = [
  { channels: 192, kernel: 5, pooled: true },
  { channels: 384, kernel: 3, pooled: false },
  { channels: 256, kernel: 3, pooled: false },
  { channels: 256, kernel: 3, pooled: true },
];

const HIDDEN = 4096;

/**
 * The stem has stride 4, two halvings in one, and each of the three poolings is one more. Small images get a 5x5 stem of stride 2, and
 * poolings that are padded, as long as there is something to pool. Biases go, since batch norms have their own.
 */
export const alexnet: Model = {
  id: "alexnet",
  label: "AlexNet",
  summary:
    "AlexNet (Krizhevsky 2014, one tower) with batch normalisation: five convolutions, three dense layers with dropout; fewer strides for small images.",
  task: "images",
  width: WIDTH,
  published: IMAGENET,
  build: ({ width, input, classes }) => {
    const net = graphBuilder(input);
    const [first, second, ...poolings] = halvingsOf(input);
    const small = isSmall(input);
    const at = (channels: number): number => Math.max(1, Math.round((channels * width) / WIDTH));
    const unit = (name: string, x: string): string => net.add(`${name}.relu`, { op: "relu" }, net.batchNorm(`${name}.bn`, x));
    let pools = 0;
    const pool = (x: string): string => {
      const stride = poolings[pools++]?.stride ?? 1;
      return stride === 1 ? x : net.maxPool(`pool${pools}`, x, 3, { stride, padding: small ? padded(1) : NO_PADDING });
    };
    const stride = (first?.stride ?? 1) * (second?.stride ?? 1);
    let x = pool(unit("conv1", net.conv("conv1", "input", width, small ? 5 : 11, { stride, padding: padded(2) })));
    CONVOLUTIONS.forEach(({ channels, kernel, pooled }, i) => {
      const name = `conv${i + 2}`;
      x = unit(name, net.conv(name, x, at(channels), kernel));
      if (pooled) x = pool(x);
    });
    x = net.add("flatten", { op: "flatten" }, x);
    for (const name of ["fc6", "fc7"]) {
      x = net.add(`${name}.dropout`, { op: "dropout", rate: 0.5 }, x);
      x = unit(name, net.add(name, { op: "dense", units: at(HIDDEN), bias: false }, x));
    }
    net.add("fc8", { op: "dense", units: classes, bias: true }, x);
    return net.build("alexnet");
  },
};
