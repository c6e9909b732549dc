/** Functions of one tensor, element by element, and the normalisations without weights. */
import { numberOf } from "../attributes";
import { Refusal } from "../constant";
import { channelsLast } from "../drawing";
import { axisIn, flowing, optional, sameShape, type Operator } from "./operator";

/** Stands for no bound: the largest float32. */
const NO_BOUND = (2 - 2 ** -23) * 2 ** 127;

const clip: Operator = (work) => {
  const bound = (place: number, name: string, usual: number): number => {
    const given = optional(work, place, name)?.data[0] ?? numberOf(work.node, name, usual);
    return Math.min(NO_BOUND, Math.max(-NO_BOUND, given));
  };
  const [min, max] = [bound(1, "min", -NO_BOUND), bound(2, "max", NO_BOUND)];
  if (!(min <= max)) throw new Refusal("its bounds are impossible");
  if (min === 0 && max === 6) return sameShape(work, { op: "relu6" });
  return sameShape(work, min === 0 && max === NO_BOUND ? { op: "relu" } : { op: "clip", min, max });
};

const elu: Operator = (work) => {
  if (numberOf(work.node, "alpha", 1) !== 1) throw new Refusal("only an alpha of 1 is supported");
  return sameShape(work, { op: "elu" });
};

const softmax: Operator = (work) => {
  const x = flowing(work);
  // Before opset 13 everything from the axis on was one vector.
  const axis = axisIn(numberOf(work.node, "axis", work.opset < 13 ? 1 : -1), x.dims.length);
  const others = x.dims.filter((size, i) => i !== axis && i !== x.axes[0] && size !== 1);
  if (work.opset < 13 && x.dims.slice(axis + 1).some((size) => size !== 1))
    throw new Refusal("it normalises over several axes at once");
  const [batch = 0] = x.axes;
  const axes = others.length === 0 ? [batch, axis] : [...x.axes.filter((a) => a !== axis), axis];
  const node = work.drawing.add(work.name, { op: "softmax" }, [work.drawing.inLayout(x, axes)]);
  return [{ ...x, node, axes }];
};

/** Its outputs are the softmax's logarithms, the same answers; what is trained takes the logits before it. */
const logSoftmax: Operator = (work) => {
  if (work.readers(0).some((reader) => reader !== "end")) throw new Refusal("it is supported at the end of a network only");
  return softmax(work);
};

const lrn: Operator = (work) => {
  const { node } = work;
  const x = flowing(work);
  const size = numberOf(node, "size", 0);
  if (x.dims.length !== 4) throw new Refusal("it is supported on images only");
  if (!Number.isInteger(size) || size < 1 || size % 2 === 0) throw new Refusal(`its size of ${size} is not odd`);
  const axes = channelsLast(x.dims);
  const operation = {
    ...{ op: "lrn" as const, size, alpha: numberOf(node, "alpha", 1e-4) },
    ...{ beta: numberOf(node, "beta", 0.75), offset: numberOf(node, "bias", 1) },
  };
  return [{ ...x, node: work.drawing.add(work.name, operation, [work.drawing.inLayout(x, axes)]), axes }];
};

const dropout: Operator = (work) => {
  const rate = optional(work, 1, "ratio")?.data[0] ?? numberOf(work.node, "ratio", 0.5);
  if (!(rate >= 0 && rate < 1)) throw new Refusal(`its ratio of ${rate} is impossible`);
  return sameShape(work, { op: "dropout", rate });
};

/** Integers and bytes come out of data sets as floats already. */
const identity: Operator = (work) => [flowing(work)];

export const FUNCTIONS: Readonly<Record<string, Operator>> = {
  Relu: (work) => sameShape(work, { op: "relu" }),
  Clip: clip,
  LeakyRelu: (work) => sameShape(work, { op: "leakyRelu", slope: numberOf(work.node, "alpha", 0.01) }),
  Sigmoid: (work) => sameShape(work, { op: "sigmoid" }),
  Tanh: (work) => sameShape(work, { op: "tanh" }),
  Elu: elu,
  HardSigmoid: (work) =>
    sameShape(work, {
      ...{ op: "hardSigmoid", gated: false },
      ...{ slope: numberOf(work.node, "alpha", 0.2), offset: numberOf(work.node, "beta", 0.5) },
    }),
  HardSwish: (work) => sameShape(work, { op: "hardSigmoid", slope: 1 / 6, offset: 0.5, gated: true }),
  Neg: (work) => sameShape(work, { op: "affine", scale: [-1], shift: [0] }),
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  LRN: lrn,
  Dropout: dropout,
  Identity: identity,
  Cast: identity,
};
