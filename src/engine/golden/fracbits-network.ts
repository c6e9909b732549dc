/** The network of FracBits's trajectory files, as their "architecture" describes it. */
import type { Graph } from "../../core/graph";
import { graphBuilder, type GraphBuilder } from "../../core/models/builder";
import { field, type Json } from "./read";

/** Head, two residual blocks of which the second halves the map, pooling, classifier. */
export function residualGraph(config: Json): Graph {
  const size = field<number>(config, "hw");
  const [first, second] = field<[number, number]>(config, "planes");
  const net = graphBuilder([size, size, field<number>(config, "in_channels")]);
  let x = net.batchNorm("head.1", net.conv("head.0", "input", first, 3));
  x = net.add("head.2", { op: "relu" }, x);
  x = block(net, "block1", x, first, first, 1);
  x = block(net, "block2", x, first, second, 2);
  x = net.add("pool", { op: "globalAveragePool" }, x);
  net.add("classifier.0", { op: "dense", units: field<number>(config, "classes"), bias: true }, x);
  return net.build("golden");
}

/** `relu(bn(conv2(relu(bn(conv1(x))))) + shortcut(x))`. */
function block(net: GraphBuilder, name: string, from: string, channels: number, filters: number, stride: number): string {
  let x = net.batchNorm(`${name}.body.1`, net.conv(`${name}.body.0`, from, filters, 3, { stride }));
  x = net.add(`${name}.body.2`, { op: "relu" }, x);
  x = net.batchNorm(`${name}.body.4`, net.conv(`${name}.body.3`, x, filters, 3));
  const same = stride === 1 && channels === filters;
  const shortcut = same
    ? from
    : net.batchNorm(`${name}.shortcut.1`, net.conv(`${name}.shortcut.0`, from, filters, 1, { stride }));
  return net.add(`${name}.relu`, { op: "relu" }, net.add(`${name}.add`, { op: "add" }, x, shortcut));
}
