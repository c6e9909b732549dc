/** Residual networks for small images in the pre-activation form that EdMIPS's published code searches. */
import { graphBuilder, type GraphBuilder } from "./builder";
import { CIFAR10, type Model, type ModelSpec } from "./model";

/** ResNet-(6 n + 2): a stem, three stages of n blocks (ResNet-8: one each), global average, dense layer. */
function residualNetwork(id: string, label: string, blocks: number): Model {
  return {
    id,
    label,
    summary: `${label} (He et al. 2016) with pre-activation blocks: ${6 * blocks + 2} layers, three stages; stride 2 between them.`,
    task: "images",
    width: 16,
    published: CIFAR10,
    build: ({ width, input, classes }: ModelSpec) => {
      const net = graphBuilder(input);
      let x = net.batchNorm("stem_bn", net.conv("stem", "input", width, 3));
      let channels = width;
      for (let stage = 1; stage <= 3; stage++) {
        for (let block = 0; block < blocks; block++) {
          const filters = width * 2 ** (stage - 1);
          x = residualBlock(net, `layer${stage}.${block}`, x, channels, filters, stage > 1 && block === 0 ? 2 : 1);
          channels = filters;
        }
      }
      x = net.add("relu", { op: "relu" }, x);
      x = net.add("pool", { op: "globalAveragePool" }, x);
      net.add("fc", { op: "dense", units: classes, bias: true }, x);
      return net.build(id);
    },
  };
}

/**
 * `out = bn0(x); bn2(conv2(bn1(conv1(out)))) + (downsample(out) or x)`, a ReLU before every convolution (under quantization the
 * activation quantizer is that ReLU).
 */
export function residualBlock(
  net: GraphBuilder,
  name: string,
  from: string,
  channels: number,
  filters: number,
  stride: number,
): string {
  const out = net.batchNorm(`${name}.bn0`, from);
  const rectified = net.add(`${name}.relu0`, { op: "relu" }, out);
  let x = net.conv(`${name}.conv1`, rectified, filters, 3, { stride });
  x = net.add(`${name}.relu1`, { op: "relu" }, net.batchNorm(`${name}.bn1`, x));
  x = net.batchNorm(`${name}.bn2`, net.conv(`${name}.conv2`, x, filters, 3));
  if (stride === 1 && channels === filters) return net.add(`${name}.add`, { op: "add" }, x, from);
  const shortcut = net.conv(`${name}.downsample.0`, rectified, filters, 1, { stride });
  return net.add(`${name}.add`, { op: "add" }, x, net.batchNorm(`${name}.downsample.1`, shortcut));
}

export const resnet8 = residualNetwork("resnet8", "ResNet-8", 1);
export const resnet20 = residualNetwork("resnet20", "ResNet-20", 3);
