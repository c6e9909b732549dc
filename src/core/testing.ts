/** Networks for tests: any that branch, join and use weights more than once. */
import fc from "fast-check";
import { createGraph, padded, type Graph, type GraphNode, type Operation } from "./graph";

/** 8 x 8 x 4 all the way, so that anything can be joined with anything. */
const CONV: Operation = {
  op: "conv",
  filters: 4,
  kernel: [3, 3],
  stride: [1, 1],
  padding: padded(1),
  dilation: [1, 1],
  groups: 1,
  bias: false,
};
const LIGHT: Operation = { op: "relu" };
const JOIN: Operation = { op: "add" };

interface Step {
  readonly what: "conv" | "shared" | "relu" | "add";
  /** Which of the nodes before it are read, as shares of how many there are. */
  readonly first: number;
  readonly second: number;
}

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const steps = fc.array(
  fc.record<Step>({ what: fc.constantFrom("conv", "conv", "shared", "relu", "add"), first: share, second: share }),
  { minLength: 1, maxLength: 40 },
);

/** Any directed acyclic graph of convolutions, ReLUs and sums on an image, with a dense layer at its end. */
export const anyNetwork = steps.map(networkOf);

/** What nobody reads is summed up before the end. */
function networkOf(parts: readonly Step[]): Graph {
  const nodes: GraphNode[] = [{ op: "input", shape: [8, 8, 4], name: "input", inputs: [] }];
  const convs: string[] = [];
  const pick = (at: number): string => nodes[Math.floor(at * nodes.length)]?.name ?? "input";
  parts.forEach(({ what, first, second }, i) => {
    const name = `${what}${i}`;
    const owner = convs[Math.floor(second * convs.length)];
    if (what === "add") nodes.push({ ...JOIN, name, inputs: [pick(first), pick(second)] });
    else if (what === "relu") nodes.push({ ...LIGHT, name, inputs: [pick(first)] });
    else {
      nodes.push({ ...CONV, name, inputs: [pick(first)], ...(what === "shared" && owner !== undefined && { weightOf: owner }) });
      if (what === "conv" || owner === undefined) convs.push(name);
    }
  });
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const loose = nodes.filter(({ name }) => !read.has(name)).map(({ name }) => name);
  const end = loose.reduce((last, other) => {
    nodes.push({ ...JOIN, name: `${last}+`, inputs: [last, other] });
    return `${last}+`;
  });
  nodes.push({ op: "globalAveragePool", name: "pool", inputs: [end] });
  nodes.push({ op: "dense", units: 3, bias: true, name: "fc", inputs: ["pool"] });
  return createGraph("any", nodes);
}
