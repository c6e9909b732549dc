import { NO_PADDING, padded, type Shape } from "../graph";
import { graphBuilder, type GraphBuilder } from "./builder";
import { halvingsOf } from "./halvings";
import { moduleA, moduleB, moduleC, moduleD, moduleE, type Place, type Reduction } from "./inception-modules";
import { normThenConv, rectifiedNorm } from "./inception-units";
import type { Model } from "./model";

const WIDTH = 32;

/** The smallest image that the published strides and unpadded convolutions leave something of. */
const LEAST_PUBLISHED = 75;

export const inceptionV3: Model = {
  id: "inceptionv3",
  label: "Inception-V3",
  summary:
    "Inception-V3 (Szegedy et al. 2016) as EdMIPS searches it, batch norms before the convolutions: eleven modules with 1x7 and 7x1 kernels; padded, with fewer strides, for small images.",
  task: "images",
  width: WIDTH,
  published: { input: [299, 299, 3], classes: 1000 },
  build: ({ width, input, classes }) => {
    const net = graphBuilder(input);
    const at = (channels: number): number => Math.max(1, Math.round((channels * width) / WIDTH));
    const [stem, pool1, pool2, ...reductions] = reductionsOf(input);
    // The stem pads nothing in the published network.
    const inner = { padding: stem?.padding ?? NO_PADDING };
    let x = net.conv("Conv2d_1a_3x3", "input", width, 3, stem);
    x = normThenConv(net, "Conv2d_2a_3x3", x, at(32), 3, inner);
    x = normThenConv(net, "Conv2d_2b_3x3", x, at(64), 3);
    x = pooled(net, "pool1", x, pool1);
    x = normThenConv(net, "Conv2d_3b_1x1", x, at(80), 1);
    x = normThenConv(net, "Conv2d_4a_3x3", x, at(192), 3, inner);
    x = pooled(net, "pool2", x, pool2);
    const place = (name: string): Place => ({ net, name: `Mixed_${name}`, from: x, at });
    for (const [name, pool] of Object.entries({ "5b": 32, "5c": 64, "5d": 64 })) x = moduleA(place(name), pool);
    x = moduleB(place("6a"), reductions[0]);
    for (const [name, inner7] of Object.entries({ "6b": 128, "6c": 160, "6d": 160, "6e": 192 })) x = moduleC(place(name), inner7);
    x = moduleD(place("7a"), reductions[1]);
    for (const name of ["7b", "7c"]) x = moduleE(place(name));
    x = rectifiedNorm(net, "last", x);
    x = net.add("pool", { op: "globalAveragePool" }, x);
    net.add("fc", { op: "dense", units: classes, bias: true }, x);
    return net.build("inceptionv3");
  },
};

/** As published, or padded and with fewer strides where the image is too small for that. */
function reductionsOf(input: Shape): readonly Reduction[] {
  const published = Math.min(input[0] ?? 0, input[1] ?? 0) >= LEAST_PUBLISHED;
  return halvingsOf(input).map(({ stride }) => (published ? { stride: 2, padding: NO_PADDING } : { stride, padding: padded(1) }));
}

const pooled = (net: GraphBuilder, name: string, from: string, reduction: Reduction | undefined): string =>
  reduction?.stride === 2 ? net.maxPool(name, from, 3, reduction) : from;
