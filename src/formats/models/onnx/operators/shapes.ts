/** What moves numbers without changing them. Most of it costs no node: see `Flowing`. */
import { axesOf, numberOf, numbersOf, textOf } from "../attributes";
import { numbersIn, Refusal } from "../constant";
import type { Flowing, Value } from "../drawing";
import { reshapedDims, unsqueezed } from "../fold";
import { axisIn, flowing, optional, relabelled, stored, type Operator, type Work } from "./operator";

const flatten: Operator = (work) => {
  const x = flowing(work);
  const axis = numberOf(work.node, "axis", 1);
  if (axis !== 1 && axis !== 1 - x.dims.length)
    throw new Refusal(`only flattening all but the batch is supported, not from axis ${axis}`);
  const count = x.dims.slice(1).reduce((product, size) => product * size, 1);
  return reshapeTo(work, x, [x.dims[0] as number, count]);
};

const reshape: Operator = (work) => {
  const x = flowing(work);
  const target = numbersIn(stored(work, 1, "shape"));
  return reshapeTo(work, x, reshapedDims(x.dims, target, numberOf(work.node, "allowzero", 0) === 1));
};

/** Without a node where only axes of size 1 come and go; else in ONNX's own order of the numbers. */
function reshapeTo(work: Work, x: Flowing, dims: readonly number[]): readonly Value[] {
  const moved = movedAxes(x, dims);
  if (moved) {
    const node = work.drawing.inLayout(x, moved.from);
    return [{ kind: "flowing", node, dims, axes: moved.to }];
  }
  if (x.axes[0] !== 0 || dims[0] !== x.dims[0]) throw new Refusal("it mixes the samples of a batch");
  const inOrder = work.drawing.inLayout(
    x,
    x.dims.map((_, axis) => axis),
  );
  const shape = dims.slice(1);
  const node = work.drawing.add(work.name, shape.length === 1 ? { op: "flatten" } : { op: "reshape", shape }, [inOrder]);
  return [{ kind: "flowing", node, dims, axes: dims.map((_, axis) => axis) }];
}

/** The axes that matter before and after a change that concerns axes of size 1 alone; null for any other change. */
function movedAxes(
  { dims, axes }: Flowing,
  next: readonly number[],
): { readonly from: readonly number[]; readonly to: readonly number[] } | null {
  const [batch = 0] = axes;
  // A batch may have the size 1. As the first axis it stays the first; elsewhere its size has to tell.
  const matters = (size: number, axis: number): boolean => size !== 1 || (batch === 0 && axis === 0);
  const before = dims.flatMap((size, axis) => (matters(size, axis) ? [axis] : []));
  const after = next.flatMap((size, axis) => (matters(size, axis) ? [axis] : []));
  const sameSizes = before.map((axis) => dims[axis]).join() === after.map((axis) => next[axis]).join();
  if (!sameSizes || !before.includes(batch)) return null;
  const from = axes.filter((axis) => before.includes(axis));
  return { from, to: from.map((axis) => after[before.indexOf(axis)] as number) };
}

const transpose: Operator = (work) => {
  const x = flowing(work);
  const order = numbersOf(work.node, "perm") ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
  if ([...order].sort((a, b) => a - b).join() !== x.dims.map((_, axis) => axis).join())
    throw new Refusal("its order of axes is impossible");
  return [
    relabelled(
      x,
      order.map((axis) => x.dims[axis] as number),
      x.axes.map((axis) => order.indexOf(axis)),
    ),
  ];
};

const squeeze: Operator = (work) => {
  const x = flowing(work);
  const given = axesOf(work.node, optional(work, 1, "axes"))?.map((axis) => axisIn(axis, x.dims.length));
  const gone = given ?? x.dims.flatMap((size, axis) => (size === 1 && axis !== x.axes[0] ? [axis] : []));
  if (gone.some((axis) => x.dims[axis] !== 1 || axis === x.axes[0]))
    throw new Refusal("it takes away an axis that has more than one element");
  const kept = x.dims.flatMap((_, axis) => (gone.includes(axis) ? [] : [axis]));
  const named = x.axes.filter((axis) => !gone.includes(axis));
  const node = work.drawing.inLayout(x, named);
  return [
    { kind: "flowing", node, dims: kept.map((axis) => x.dims[axis] as number), axes: named.map((axis) => kept.indexOf(axis)) },
  ];
};

const unsqueeze: Operator = (work) => {
  const x = flowing(work);
  const added = axesOf(work.node, optional(work, 1, "axes")) ?? [];
  const dims = unsqueezed(x.dims, added);
  const at = new Set(added.map((axis) => axisIn(axis, dims.length)));
  const places = dims.flatMap((_, axis) => (at.has(axis) ? [] : [axis]));
  return [
    relabelled(
      x,
      dims,
      x.axes.map((axis) => places[axis] as number),
    ),
  ];
};

const pad: Operator = (work) => {
  const x = flowing(work);
  if (textOf(work.node, "mode", "constant") !== "constant") throw new Refusal("only padding with a constant is supported");
  const given = optional(work, 1, "padding");
  const pads = given ? numbersIn(given) : (numbersOf(work.node, "pads") ?? numbersOf(work.node, "paddings") ?? []);
  const rank = x.dims.length;
  if (rank !== 4 || pads.length !== 2 * rank || !pads.every((n) => Number.isInteger(n) && n >= 0) || optional(work, 3, "axes"))
    throw new Refusal("only padding images with a fixed number of pixels is supported");
  const [n0, c0, top, left, n1, c1, bottom, right] = pads as [number, number, number, number, number, number, number, number];
  if (n0 + c0 + n1 + c1 > 0) throw new Refusal("it pads channels or samples");
  const value = optional(work, 2, "value")?.data[0] ?? numberOf(work.node, "value", 0);
  const node = work.drawing.add(work.name, { op: "pad", padding: { top, right, bottom, left }, value }, [
    work.drawing.inLayout(x, [0, 2, 3, 1]),
  ]);
  const [batch = 0, channels = 0, height = 0, width = 0] = x.dims;
  return [{ kind: "flowing", node, dims: [batch, channels, height + top + bottom, width + left + right], axes: [0, 2, 3, 1] }];
};

export const SHAPES: Readonly<Record<string, Operator>> = {
  Flatten: flatten,
  Reshape: reshape,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Pad: pad,
};
