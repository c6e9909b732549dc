import { padded } from "../graph";
import { graphBuilder, type GraphBuilder } from "./builder";
import { halvingPool, halvingsOf, isSmall } from "./halvings";
import { IMAGENET, type Model } from "./model";
import { normThenConv, rectifiedNorm } from "./inception-units";

const WIDTH = 64;

/** Output channels of the six convolutions of a module at the published width. */
type ModuleChannels = readonly [one: number, reduce3: number, three: number, reduce5: number, five: number, pool: number];

/** Table 1 of the paper: stages of modules, with a pooling before each. */
const STAGES: readonly { readonly pool: number; readonly modules: Readonly<Record<string, ModuleChannels>> }[] = [
  { pool: 3, modules: { "3a": [64, 96, 128, 16, 32, 32], "3b": [128, 128, 192, 32, 96, 64] } },
  {
    pool: 3,
    modules: {
      "4a": [192, 96, 208, 16, 48, 64],
      "4b": [160, 112, 224, 24, 64, 64],
      "4c": [128, 128, 256, 24, 64, 64],
      "4d": [112, 144, 288, 32, 64, 64],
      "4e": [256, 160, 320, 32, 128, 128],
    },
  },
  { pool: 2, modules: { "5a": [256, 160, 320, 32, 128, 128], "5b": [384, 192, 384, 48, 128, 128] } },
];

export const googlenet: Model = {
  id: "googlenet",
  label: "GoogLeNet",
  summary:
    "GoogLeNet (Szegedy et al. 2015) as EdMIPS searches it, batch norms before the convolutions: nine modules of four branches; fewer strides for small images.",
  task: "images",
  width: WIDTH,
  published: IMAGENET,
  build: ({ width, input, classes }) => {
    const net = graphBuilder(input);
    const at = (channels: number): number => Math.max(1, Math.round((channels * width) / WIDTH));
    const [stem, ...poolings] = halvingsOf(input);
    let x = net.conv("conv1", "input", width, isSmall(input) ? 3 : 7, { stride: stem?.stride ?? 1 });
    x = halvingPool(net, "maxpool1", x, 3, poolings[0]);
    x = normThenConv(net, "conv2", x, at(64), 1);
    x = normThenConv(net, "conv3", x, at(192), 3);
    STAGES.forEach(({ pool, modules }, stage) => {
      x = halvingPool(net, `maxpool${stage + 2}`, x, pool, poolings[stage + 1]);
      for (const [name, channels] of Object.entries(modules)) {
        x = inceptionModule(net, `inception${name}`, x, channels.map(at));
      }
    });
    x = rectifiedNorm(net, "last", x);
    x = net.add("pool", { op: "globalAveragePool" }, x);
    net.add("fc", { op: "dense", units: classes, bias: true }, x);
    return net.build("googlenet");
  },
};

function inceptionModule(net: GraphBuilder, name: string, from: string, channels: readonly number[]): string {
  const [one = 1, reduce3 = 1, three = 1, reduce5 = 1, five = 1, pool = 1] = channels;
  const x = rectifiedNorm(net, name, from);
  const branch1 = net.conv(`${name}.branch1`, x, one, 1);
  const branch2 = normThenConv(net, `${name}.branch2_2`, net.conv(`${name}.branch2_1`, x, reduce3, 1), three, 3);
  const branch3 = normThenConv(net, `${name}.branch3_2`, net.conv(`${name}.branch3_1`, x, reduce5, 1), five, 5);
  const pooled = net.maxPool(`${name}.branch4.pool`, from, 3, { stride: 1, padding: padded(1) });
  const branch4 = normThenConv(net, `${name}.branch4`, pooled, pool, 1);
  return net.add(`${name}.concat`, { op: "concat" }, branch1, branch2, branch3, branch4);
}
