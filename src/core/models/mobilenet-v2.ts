import type { Graph } from "../graph";
import { graphBuilder, type GraphBuilder } from "./builder";
import { halvingsOf } from "./halvings";
import { channelsAt, PUBLISHED_WIDTH } from "./mobile";
import { CIFAR10, IMAGENET, type Model, type ModelSpec } from "./model";

interface Stage {
  /** Channels inside a block, as a multiple of those that enter it. */
  readonly expansion: number;
  /** At the published width. */
  readonly channels: number;
  readonly blocks: number;
  /** Which of the halvings its first block does; 0 is the stem's. */
  readonly halving: number | null;
}

/** Table 2 of the paper. */
const STAGES: readonly Stage[] = [
  { expansion: 1, channels: 16, blocks: 1, halving: null },
  { expansion: 6, channels: 24, blocks: 2, halving: 1 },
  { expansion: 6, channels: 32, blocks: 3, halving: 2 },
  { expansion: 6, channels: 64, blocks: 4, halving: 3 },
  { expansion: 6, channels: 96, blocks: 3, halving: null },
  { expansion: 6, channels: 160, blocks: 3, halving: 4 },
  { expansion: 6, channels: 320, blocks: 1, halving: null },
];

/** Its first half, with fewer blocks in the deepest stage. */
const FEWER_STAGES: readonly Stage[] = [
  { expansion: 1, channels: 16, blocks: 1, halving: null },
  { expansion: 6, channels: 24, blocks: 2, halving: 1 },
  { expansion: 6, channels: 32, blocks: 2, halving: 2 },
  { expansion: 6, channels: 64, blocks: 2, halving: 3 },
];

/** Channels of the last convolution at the published width. The published code never narrows it; for ten classes that would be most of the cost. */
const TAIL = 1280;

/** As many times the channels before it as TAIL. */
const SMALL_TAIL = 256;

export const mobilenetV2: Model = {
  id: "mobilenetv2",
  label: "MobileNet V2",
  summary:
    "MobileNet V2 (Sandler et al. 2018): inverted residuals with linear bottlenecks, depthwise convolutions and ReLU6; fewer strides for small images.",
  task: "images",
  width: PUBLISHED_WIDTH,
  published: IMAGENET,
  build: (size) => buildMobilenet("mobilenetv2", STAGES, TAIL, size),
};

export const mobilenetV2Small: Model = {
  id: "mobilenetv2-small",
  label: "MobileNet V2 small",
  summary: "MobileNet V2's blocks, seven of the seventeen: a depthwise network that can be searched while one waits.",
  task: "images",
  width: PUBLISHED_WIDTH,
  published: CIFAR10,
  build: (size) => buildMobilenet("mobilenetv2-small", FEWER_STAGES, SMALL_TAIL, size),
};

function buildMobilenet(id: string, stages: readonly Stage[], tail: number, { width, input, classes }: ModelSpec): Graph {
  const net = graphBuilder(input);
  const halvings = halvingsOf(input);
  const strideOf = (halving: number | null): number => (halving === null ? 1 : (halvings[halving]?.stride ?? 1));
  let x = unit(net, "stem", net.conv("stem", "input", width, 3, { stride: strideOf(0) }));
  let channels = width;
  stages.forEach((stage, i) => {
    const outputs = channelsAt(stage.channels, width);
    for (let block = 0; block < stage.blocks; block++) {
      const stride = block === 0 ? strideOf(stage.halving) : 1;
      const hidden = stage.expansion * channels;
      x = invertedResidual(net, `stage${i + 1}.${block}`, x, { channels, hidden, outputs, stride });
      channels = outputs;
    }
  });
  x = unit(net, "tail", net.conv("tail", x, channelsAt(tail, width), 1));
  x = net.add("pool", { op: "globalAveragePool" }, x);
  net.add("fc", { op: "dense", units: classes, bias: true }, x);
  return net.build(id);
}

/** `relu6(bn(x))` */
const unit = (net: GraphBuilder, name: string, x: string): string =>
  net.add(`${name}.relu`, { op: "relu6" }, net.batchNorm(`${name}.bn`, x));

/** `bn(project(dw(expand(x))))`, plus x where the shapes agree. What comes out is not rectified: the next block's input has a sign. */
function invertedResidual(
  net: GraphBuilder,
  name: string,
  from: string,
  sizes: { readonly channels: number; readonly hidden: number; readonly outputs: number; readonly stride: number },
): string {
  const { channels, hidden, outputs, stride } = sizes;
  let x = from;
  if (hidden !== channels) x = unit(net, `${name}.expand`, net.conv(`${name}.expand`, x, hidden, 1));
  x = unit(net, `${name}.dw`, net.conv(`${name}.dw`, x, hidden, 3, { stride, groups: hidden }));
  x = net.batchNorm(`${name}.project.bn`, net.conv(`${name}.project`, x, outputs, 1));
  return stride === 1 && channels === outputs ? net.add(`${name}.add`, { op: "add" }, x, from) : x;
}
