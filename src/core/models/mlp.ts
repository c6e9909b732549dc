import { graphBuilder } from "./builder";
import type { Model } from "./model";

/** Units of a hidden layer as a multiple of the width: a width of 8 gives 64. */
const UNITS = 8;

/** Hidden layers: two dense layers lie between the first and the last one, which are searched only on request. */
const HIDDEN = ["1", "2", "3"] as const;

/** A multilayer perceptron with batch normalisation, which the half-wave Gaussian quantizers need before them. */
export const mlp: Model = {
  id: "mlp",
  label: "Multilayer perceptron",
  summary: "Three hidden layers of 8 units for each of the width, with batch normalisation and ReLU, for rows of numbers.",
  task: "numbers",
  width: 8,
  published: { input: [64], classes: 10 },
  build: ({ width, input, classes }) => {
    const net = graphBuilder(input);
    let x = "input";
    for (const name of HIDDEN) {
      x = net.add(`fc${name}`, { op: "dense", units: UNITS * width, bias: false }, x);
      x = net.add(`relu${name}`, { op: "relu" }, net.batchNorm(`bn${name}`, x));
    }
    net.add("fc4", { op: "dense", units: classes, bias: true }, x);
    return net.build("mlp");
  },
};
