/** Residual networks for ImageNet in the pre-activation form that EdMIPS's published code searches. */
import { padded } from "../graph";
import { graphBuilder, type GraphBuilder } from "./builder";
import { halvingsOf, isSmall } from "./halvings";
import { IMAGENET, type Model } from "./model";
import { residualBlock } from "./resnet";

type Block = typeof residualBlock;

/** Four stages of `blocks`, whose blocks put out `expansion` times the width, twice as much in every further stage. */
function imagenetResidualNetwork(depth: number, blocks: readonly number[], block: Block, expansion: number): Model {
  return {
    id: `resnet${depth}`,
    label: `ResNet-${depth}`,
    summary: `ResNet-${depth} (He et al. 2016) with pre-activation blocks, as EdMIPS searches it: four stages of ${blocks.join(", ")} blocks; fewer strides for small images.`,
    task: "images",
    width: 64,
    published: IMAGENET,
    build: ({ width, input, classes }) => {
      const net = graphBuilder(input);
      const [stem, pooling, ...between] = halvingsOf(input);
      let x = net.conv("conv1", "input", width, isSmall(input) ? 3 : 7, { stride: stem?.stride ?? 1 });
      if (pooling?.stride === 2) x = net.maxPool("maxpool", x, 3, { stride: 2, padding: padded(1) });
      x = net.batchNorm("bn1", x);
      let channels = width;
      blocks.forEach((count, stage) => {
        const filters = expansion * width * 2 ** stage;
        for (let i = 0; i < count; i++) {
          const stride = stage > 0 && i === 0 ? (between[stage - 1]?.stride ?? 1) : 1;
          x = block(net, `layer${stage + 1}.${i}`, x, channels, filters, stride);
          channels = filters;
        }
      });
      x = net.add("relu", { op: "relu" }, x);
      x = net.add("pool", { op: "globalAveragePool" }, x);
      net.add("fc", { op: "dense", units: classes, bias: true }, x);
      return net.build(`resnet${depth}`);
    },
  };
}

/** Outputs of a bottleneck block as a multiple of its inner channels. */
const EXPANSION = 4;

/** As `residualBlock`, with a 3x3 convolution between two 1x1 ones, the inner channels a quarter of `filters`. */
function bottleneckBlock(
  net: GraphBuilder,
  name: string,
  from: string,
  channels: number,
  filters: number,
  stride: number,
): string {
  const inner = filters / EXPANSION;
  const rectified = (layer: string, x: string): string =>
    net.add(`${name}.relu${layer}`, { op: "relu" }, net.batchNorm(`${name}.bn${layer}`, x));
  const entering = rectified("0", from);
  let x = rectified("1", net.conv(`${name}.conv1`, entering, inner, 1));
  x = rectified("2", net.conv(`${name}.conv2`, x, inner, 3, { stride }));
  x = net.batchNorm(`${name}.bn3`, net.conv(`${name}.conv3`, x, filters, 1));
  if (stride === 1 && channels === filters) return net.add(`${name}.add`, { op: "add" }, x, from);
  const shortcut = net.conv(`${name}.downsample.0`, entering, filters, 1, { stride });
  return net.add(`${name}.add`, { op: "add" }, x, net.batchNorm(`${name}.downsample.1`, shortcut));
}

export const resnet18 = imagenetResidualNetwork(18, [2, 2, 2, 2], residualBlock, 1);
export const resnet50 = imagenetResidualNetwork(50, [3, 4, 6, 3], bottleneckBlock, EXPANSION);
