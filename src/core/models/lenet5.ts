import { NO_PADDING } from "../graph";
import { graphBuilder } from "./builder";
import type { Model } from "./model";

/** LeNet-5 with batch normalisation, which the half-wave Gaussian quantizers need before them. */
export const lenet5: Model = {
  id: "lenet5",
  label: "LeNet-5",
  summary: "LeNet-5 (LeCun et al. 1998) with ReLU, max pooling and batch normalisation; two convolutions, three dense layers.",
  task: "images",
  width: 6,
  published: { input: [28, 28, 1], classes: 10 },
  build: ({ width, input, classes }) => {
    const net = graphBuilder(input);
    const unit = (name: string, x: string): string => net.add(`relu${name}`, { op: "relu" }, net.batchNorm(`bn${name}`, x));
    const hidden = (units: number): number => Math.round((units * width) / 6);
    let x = net.maxPool("pool1", unit("1", net.conv("conv1", "input", width, 5)), 2);
    x = net.conv("conv2", x, hidden(16), 5, { padding: NO_PADDING });
    x = net.add("flatten", { op: "flatten" }, net.maxPool("pool2", unit("2", x), 2));
    x = unit("3", net.add("fc1", { op: "dense", units: hidden(120), bias: false }, x));
    x = unit("4", net.add("fc2", { op: "dense", units: hidden(84), bias: false }, x));
    net.add("fc3", { op: "dense", units: classes, bias: true }, x);
    return net.build("lenet5");
  },
};
