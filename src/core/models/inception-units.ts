/** What GoogLeNet and Inception-V3 are built from, in the form that EdMIPS's published code searches. */
import type { Padding, Pair } from "../graph";
import type { GraphBuilder } from "./builder";

/** That of the published networks. */
const EPSILON = 1e-3;

/** `relu(bn(x))`. The quantizers of the convolutions that read it are that ReLU. */
export const rectifiedNorm = (net: GraphBuilder, name: string, from: string): string =>
  net.add(`${name}.relu`, { op: "relu" }, net.batchNorm(`${name}.bn`, from, EPSILON));

/** A convolution of `relu(bn(x))`. */
export const normThenConv = (
  net: GraphBuilder,
  name: string,
  from: string,
  filters: number,
  kernel: number | Pair,
  options?: { readonly stride?: number; readonly padding?: Padding },
): string => net.conv(name, rectifiedNorm(net, name, from), filters, kernel, options);
