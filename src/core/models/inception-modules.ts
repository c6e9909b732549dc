/** The five kinds of modules of Inception-V3 (figures 5 to 7 and 10 of the paper), their layers in the published order. */
import { padded, type Padding, type Pair } from "../graph";
import type { GraphBuilder } from "./builder";
import { normThenConv, rectifiedNorm } from "./inception-units";

/** Where a module stands, and how it scales the published channels. */
export interface Place {
  readonly net: GraphBuilder;
  readonly name: string;
  readonly from: string;
  readonly at: (channels: number) => number;
}

/** What a place that halves the map in the published network does to it. */
export interface Reduction {
  readonly stride: number;
  readonly padding: Padding;
}

/** Channels are those at the published width. */
type Convolution = readonly [name: string, channels: number, kernel: number | Pair, reduction?: Reduction | undefined];

const ROW: Pair = [1, 7];
const COLUMN: Pair = [7, 1];

/** 1x1, 5x5, two 3x3, and an average; `pool` channels come from the average. */
export function moduleA(place: Place, pool: number): string {
  const x = entering(place);
  return join(
    place,
    chain(place, x, ["branch1x1", 64, 1]),
    chain(place, x, ["branch5x5_1", 48, 1], ["branch5x5_2", 64, 5]),
    chain(place, x, ["branch3x3dbl_1", 64, 1], ["branch3x3dbl_2", 96, 3], ["branch3x3dbl_3", 96, 3]),
    averaged(place, pool),
  );
}

/** 3x3, two 3x3, and a maximum; halves the map. */
export function moduleB(place: Place, reduction: Reduction | undefined): string {
  const x = entering(place);
  return join(
    place,
    chain(place, x, ["branch3x3", 384, 3, reduction]),
    chain(place, x, ["branch3x3dbl_1", 64, 1], ["branch3x3dbl_2", 96, 3], ["branch3x3dbl_3", 96, 3, reduction]),
    maximum(place, reduction),
  );
}

/** 1x1, a 7x7 in two parts, two of them in four, and an average; `inner` channels between the parts. */
export function moduleC(place: Place, inner: number): string {
  const x = entering(place);
  return join(
    place,
    chain(place, x, ["branch1x1", 192, 1]),
    chain(place, x, ["branch7x7_1", inner, 1], ["branch7x7_2", inner, ROW], ["branch7x7_3", 192, COLUMN]),
    chain(
      place,
      x,
      ["branch7x7dbl_1", inner, 1],
      ["branch7x7dbl_2", inner, COLUMN],
      ["branch7x7dbl_3", inner, ROW],
      ["branch7x7dbl_4", inner, COLUMN],
      ["branch7x7dbl_5", 192, ROW],
    ),
    averaged(place, 192),
  );
}

/** 3x3, a 7x7 in two parts with a 3x3, and a maximum; halves the map. */
export function moduleD(place: Place, reduction: Reduction | undefined): string {
  const x = entering(place);
  return join(
    place,
    chain(place, x, ["branch3x3_1", 192, 1], ["branch3x3_2", 320, 3, reduction]),
    chain(
      place,
      x,
      ["branch7x7x3_1", 192, 1],
      ["branch7x7x3_2", 192, ROW],
      ["branch7x7x3_3", 192, COLUMN],
      ["branch7x7x3_4", 192, 3, reduction],
    ),
    maximum(place, reduction),
  );
}

/** 1x1, a 1x3 beside a 3x1, the same after a 3x3, and an average. */
export function moduleE(place: Place): string {
  const x = entering(place);
  return join(
    place,
    chain(place, x, ["branch1x1", 320, 1]),
    ...fork(place, "branch3x3", ["2a", "2b"], chain(place, x, ["branch3x3_1", 384, 1])),
    ...fork(place, "branch3x3dbl", ["3a", "3b"], chain(place, x, ["branch3x3dbl_1", 448, 1], ["branch3x3dbl_2", 384, 3])),
    averaged(place, 192),
  );
}

const entering = ({ net, name, from }: Place): string => rectifiedNorm(net, name, from);

/** Convolutions one after another over `from`, which is normalised; each further one has a norm of its own. */
function chain({ net, name, at }: Place, from: string, first: Convolution, ...others: readonly Convolution[]): string {
  const [layer, channels, kernel, reduction] = first;
  const start = net.conv(`${name}.${layer}`, from, at(channels), kernel, reduction);
  return others.reduce(
    (x, [next, filters, size, change]) => normThenConv(net, `${name}.${next}`, x, at(filters), size, change),
    start,
  );
}

/** A 1x3 and a 3x1 convolution side by side. */
function fork(place: Place, branch: string, [row, column]: readonly [string, string], from: string): readonly string[] {
  const x = rectifiedNorm(place.net, `${place.name}.${branch}`, from);
  return [chain(place, x, [`${branch}_${row}`, 384, [1, 3]]), chain(place, x, [`${branch}_${column}`, 384, [3, 1]])];
}

/** The average of neighbours, at the border of those that there are, then a 1x1 convolution. */
function averaged({ net, name, from, at }: Place, channels: number): string {
  const average = { op: "averagePool", kernel: [3, 3], stride: [1, 1], padding: padded(1) } as const;
  return normThenConv(net, `${name}.branch_pool`, net.add(`${name}.average`, average, from), at(channels), 1);
}

const maximum = ({ net, name, from }: Place, reduction: Reduction | undefined): string =>
  net.maxPool(`${name}.maximum`, from, 3, reduction);

const join = ({ net, name }: Place, ...branches: readonly string[]): string =>
  net.add(`${name}.concat`, { op: "concat" }, ...branches);
