import { graphBuilder } from "./builder";
import { halvingsOf } from "./halvings";
import { channelsAt, PUBLISHED_WIDTH } from "./mobile";
import { IMAGENET, type Model } from "./model";

/** Output channels at the published width and, where the block halves the map, which of the halvings that is; 0 is the stem's. */
const BLOCKS: readonly (readonly [channels: number, halving: number | null])[] = [
  [64, null],
  [128, 1],
  [128, null],
  [256, 2],
  [256, null],
  [512, 3],
  [512, null],
  [512, null],
  [512, null],
  [512, null],
  [512, null],
  [1024, 4],
  [1024, null],
];

export const mobilenetV1: Model = {
  id: "mobilenetv1",
  label: "MobileNet V1",
  summary:
    "MobileNet V1 (Howard et al. 2017): thirteen pairs of a depthwise 3x3 and a 1x1 convolution; fewer strides for small images.",
  task: "images",
  width: PUBLISHED_WIDTH,
  published: IMAGENET,
  build: ({ width, input, classes }) => {
    const net = graphBuilder(input);
    const halvings = halvingsOf(input);
    const strideOf = (halving: number | null): number => (halving === null ? 1 : (halvings[halving]?.stride ?? 1));
    const unit = (name: string, x: string): string => net.add(`${name}.relu`, { op: "relu" }, net.batchNorm(`${name}.bn`, x));
    let x = unit("stem", net.conv("stem", "input", width, 3, { stride: strideOf(0) }));
    let channels = width;
    BLOCKS.forEach(([published, halving], i) => {
      const name = `block${i + 1}`;
      x = unit(`${name}.dw`, net.conv(`${name}.dw`, x, channels, 3, { stride: strideOf(halving), groups: channels }));
      channels = channelsAt(published, width);
      x = unit(`${name}.pw`, net.conv(`${name}.pw`, x, channels, 1));
    });
    x = net.add("pool", { op: "globalAveragePool" }, x);
    net.add("fc", { op: "dense", units: classes, bias: true }, x);
    return net.build("mobilenetv1");
  },
};
