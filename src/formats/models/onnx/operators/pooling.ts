/** Pooling and means over an image. */
import { NO_PADDING, type Operation } from "../../../../core/graph";
import { axesOf, numberOf, pairOf } from "../attributes";
import { Refusal } from "../constant";
import { axisIn, flowing, optional, type Operator } from "./operator";
import { windowOf } from "./window";

function pool(op: "maxPool" | "averagePool"): Operator {
  return (work) => {
    const { node } = work;
    const x = flowing(work);
    if (x.dims.length !== 4) throw new Refusal("only pooling over images (batch x channels x height x width) is supported");
    if (node.outputs.filter(Boolean).length > 1) throw new Refusal("its positions are read");
    const { kernel, stride, dilation, padding, declared, output } = windowOf(node, x.dims, pairOf(node, "kernel_shape", 1));
    if (dilation.some((step) => step !== 1)) throw new Refusal("its windows are dilated");
    const counted = numberOf(node, "count_include_pad", 0) === 1 ? { counted: declared } : {};
    const operation: Operation = op === "maxPool" ? { op, kernel, stride, padding } : { op, kernel, stride, padding, ...counted };
    const name = work.drawing.add(work.name, operation, [work.drawing.inLayout(x, [0, 2, 3, 1])]);
    return [{ kind: "flowing", node: name, dims: [x.dims[0] as number, x.dims[1] as number, ...output], axes: [0, 2, 3, 1] }];
  };
}

/** The mean over two axes; what stays is the last one. */
function meanOver(work: Parameters<Operator>[0], axes: readonly number[], keep: boolean): ReturnType<Operator> {
  const x = flowing(work);
  const rest = x.dims.flatMap((_, axis) => (axis !== x.axes[0] && !axes.includes(axis) ? [axis] : []));
  const [channel] = rest;
  if (x.dims.length !== 4 || axes.length !== 2 || rest.length !== 1 || channel === undefined)
    throw new Refusal("only the mean over height and width is supported");
  const [batch = 0] = x.axes;
  const node = work.drawing.add(work.name, { op: "globalAveragePool" }, [work.drawing.inLayout(x, [batch, ...axes, channel])]);
  const kept = x.dims.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  return keep
    ? [{ kind: "flowing", node, dims: x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size)), axes: [batch, channel] }]
    : [
        {
          kind: "flowing",
          node,
          dims: kept.map((axis) => x.dims[axis] as number),
          axes: [kept.indexOf(batch), kept.indexOf(channel)],
        },
      ];
}

const reduceMean: Operator = (work) => {
  const { length } = flowing(work).dims;
  const axes = axesOf(work.node, optional(work, 1, "axes")) ?? [];
  return meanOver(
    work,
    axes.map((axis) => axisIn(axis, length)).sort((a, b) => a - b),
    numberOf(work.node, "keepdims", 1) === 1,
  );
};

const globalMaxPool: Operator = (work) => {
  const x = flowing(work);
  if (x.dims.length !== 4) throw new Refusal("only pooling over images is supported");
  const [batch = 0, channels = 0, height = 0, width = 0] = x.dims;
  const operation: Operation = { op: "maxPool", kernel: [height, width], stride: [height, width], padding: NO_PADDING };
  const node = work.drawing.add(work.name, operation, [work.drawing.inLayout(x, [0, 2, 3, 1])]);
  return [{ kind: "flowing", node, dims: [batch, channels, 1, 1], axes: [0, 2, 3, 1] }];
};

export const POOLING: Readonly<Record<string, Operator>> = {
  MaxPool: pool("maxPool"),
  AveragePool: pool("averagePool"),
  GlobalAveragePool: (work) => meanOver(work, [2, 3], true),
  GlobalMaxPool: globalMaxPool,
  ReduceMean: reduceMean,
};
