import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { resourceOf, RESOURCES, type Resource } from "../../core/budget";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../../core/config";
import type { LayerBits } from "../../core/cost";
import { createGraph, padded, type GraphNode } from "../../core/graph";
import { layersOf } from "../../core/layers";
import { createRandom } from "../../core/random";
import { ROLES, searchSpace, type Bits, type Role, type SearchSpace } from "../../core/search";
import { openBackend } from "../backend";
import { fixedQuantization } from "../fixed";
import { forward } from "../forward";
import { createNetwork, disposeNetwork, type Network } from "../network";
import { DOREFA } from "../quantizers/dorefa";
import { fracbits } from "./fracbits";
import type { Options, Relaxation } from "./method";

beforeAll(async () => {
  await openBackend("wasm", { wasmPaths: null, threads: 1 });
});

const CONV = { op: "conv", kernel: [3, 3], stride: [1, 1], padding: padded(1), dilation: [1, 1], bias: false } as const;

/** A plain, a depthwise, a grouped and a 1x1 convolution and a dense layer, with a stem before and a classifier after them. */
const NODES: readonly GraphNode[] = [
  { name: "input", inputs: [], op: "input", shape: [4, 4, 2] },
  { ...CONV, name: "stem", inputs: ["input"], filters: 4, groups: 1 },
  { ...CONV, name: "plain", inputs: ["stem"], filters: 6, groups: 1 },
  { ...CONV, name: "depthwise", inputs: ["plain"], filters: 6, groups: 6 },
  { ...CONV, name: "grouped", inputs: ["depthwise"], filters: 4, groups: 2 },
  { ...CONV, name: "pointwise", inputs: ["grouped"], filters: 5, groups: 1, kernel: [1, 1], padding: padded(0), bias: true },
  { name: "pool", inputs: ["pointwise"], op: "globalAveragePool" },
  { name: "dense", inputs: ["pool"], op: "dense", units: 3, bias: true },
  { name: "fc", inputs: ["dense"], op: "dense", units: 2, bias: true },
];

const network = (): Network => createNetwork(createGraph("mixed", NODES), createRandom(1));

const WIDTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8];

function open(options: Options, includeEnds = true): { readonly space: SearchSpace; readonly relaxation: Relaxation } {
  const config = { ...DEFAULT_CONFIG, options, weightBits: WIDTHS, activationBits: WIDTHS };
  const space = searchSpace(layersOf(createGraph("mixed", NODES)), { includeEnds, site: fracbits.site(config) });
  const unused = (): never => {
    throw new RangeError("Nobody needs a weight to open the widths.");
  };
  const relaxation = fracbits
    .stages(options)[0]!
    .open({ space, knobs: DEFAULT_KNOBS, random: createRandom(1), weight: unused, anotherWeight: unused });
  return { space, relaxation };
}

/** Widths of each site, one for each kernel; those of pinned sites are what they are pinned to. */
type Widths = readonly (readonly number[])[];

const drawWidths = ({ sites }: SearchSpace, draw: () => number): Widths =>
  sites.map(({ pinned, kernels, candidates }) => (pinned ? [candidates[0]!.bits] : Array.from({ length: kernels }, draw)));

function setWidths({ sites }: SearchSpace, { architecture }: Relaxation, widths: Widths): void {
  for (const role of ROLES) {
    const values = sites.flatMap((site, i) => (site.role === role && !site.pinned ? [...widths[i]!] : []));
    const variable = architecture.get(`${role} bits`);
    if (variable) tf.tidy(() => variable.assign(tf.tensor1d(values)));
  }
}

const bitsOf = (widths: readonly number[]): Bits => (widths.length === 1 ? widths[0]! : widths);

const layerBits = (widths: Widths): LayerBits[] =>
  Array.from({ length: widths.length / 2 }, (_, i) => ({
    weight: bitsOf(widths[2 * i]!),
    activation: bitsOf(widths[2 * i + 1]!),
  }));

/** The resource as the loss has it, in BitOps, bytes (biases aside) or bits. */
const resourceNow = (relaxation: Relaxation, resource: Resource): tf.Scalar =>
  tf.mul(tf.sum(relaxation.pass(true).meters(DEFAULT_KNOBS)[0]!), RESOURCES[resource].divisor);

const biasBytes = ({ searched }: SearchSpace): number => searched.reduce((sum, { biases }) => sum + 4 * biases, 0);

/** The resource of the cost model, which counts in float64. */
const costOf = (resource: Resource, space: SearchSpace, widths: Widths): number =>
  resourceOf(resource, space.searched, layerBits(widths)) - (resource === "size" ? biasBytes(space) : 0);

const GRANULARITIES: readonly (readonly [string, Options])[] = [
  ["per layer", {}],
  ["per kernel", { kernels: "kernel" }],
  ["per kernel and input channel", { kernels: "kernel", channels: "channel" }],
  ["weights alone, per kernel", { kernels: "kernel", quantize: "weights" }],
];

describe.each(["bitops", "size", "average"] as const)("the interpolated resource, %s,", (resource) => {
  test.each(GRANULARITIES)("%s: has the gradients of finite differences", (_name, options) => {
    const { space, relaxation } = open({ ...options, resource });
    const random = createRandom(7);
    const widths = drawWidths(space, () => 8 * random.uniform());
    setWidths(space, relaxation, widths);
    tf.tidy(() => {
      expect(resourceNow(relaxation, resource).dataSync()[0]! / costOf(resource, space, widths)).toBeCloseTo(1, 5);
      for (const role of ROLES) {
        const variable = relaxation.architecture.get(`${role} bits`);
        if (!variable || (resource === "size" && role === "activation")) continue;
        const { grads } = tf.variableGrads(() => resourceNow(relaxation, resource), [variable]);
        const numeric = finiteDifferences(space, role, widths, (moved) => costOf(resource, space, moved));
        const analytic = [...grads[variable.name]!.dataSync()];
        expect(analytic).toHaveLength(numeric.length);
        analytic.forEach((value, i) => expect(value / numeric[i]!).toBeCloseTo(1, 4));
      }
    });
    relaxation.dispose();
  });

  test.each(GRANULARITIES)("%s: moves the penalty's way, downhill on both sides of the budget", (_name, options) => {
    const { space, relaxation } = open({ ...options, resource }, false);
    setWidths(
      space,
      relaxation,
      drawWidths(space, () => 4),
    );
    const slope = (target: number): number[] =>
      tf.tidy(() => {
        const { grads } = tf.variableGrads(
          () => relaxation.pass(true).penalty({ ...DEFAULT_KNOBS, target, kappa: 2 }),
          [relaxation.architecture.get("weight bits")!],
        );
        return [...Object.values(grads)[0]!.dataSync()];
      });
    const [above, below] = [slope(3), slope(5)];
    above.forEach((value, i) => {
      expect(value).toBeGreaterThan(0);
      expect(below[i]).toBeCloseTo(-value, 6);
    });
    relaxation.dispose();
  });
});

/** Central differences with respect to each free width of a role. */
function finiteDifferences(space: SearchSpace, role: Role, widths: Widths, cost: (widths: Widths) => number): number[] {
  const step = 1e-3;
  return space.sites.flatMap((site, i) => {
    if (site.role !== role || site.pinned) return [];
    return widths[i]!.map((_, kernel) => {
      const at = (by: number): number =>
        cost(widths.map((list, j) => list.map((width, k) => (j === i && k === kernel ? width + by : width))));
      return (at(step) - at(-step)) / (2 * step);
    });
  });
}

describe("at whole widths", () => {
  const whole = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 16, maxLength: 16 });

  test("BitOps are MACs x w x a, layer by layer", () => {
    const { space, relaxation } = open({});
    fc.assert(
      fc.property(whole, (list) => {
        let drawn = 0;
        const widths = drawWidths(space, () => list[drawn++]!);
        setWidths(space, relaxation, widths);
        const expected = space.searched.reduce((sum, { macs }, i) => sum + macs * widths[2 * i]![0]! * widths[2 * i + 1]![0]!, 0);
        const found = tf.tidy(() => resourceNow(relaxation, "bitops").dataSync()[0]!);
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-5 * expected);
        expect(costOf("bitops", space, widths)).toBe(expected);
      }),
      { seed: 1, numRuns: 50 },
    );
    relaxation.dispose();
  });

  test("between them they are the mean of the four corners, weighted by nearness", () => {
    const { space } = open({});
    const random = createRandom(8);
    const widths = drawWidths(space, () => 8 * random.uniform());
    const corners = space.searched.reduce((sum, { macs }, i) => {
      const [w, a] = [widths[2 * i]![0]!, widths[2 * i + 1]![0]!];
      const [fw, fa] = [w - Math.floor(w), a - Math.floor(a)];
      const at = (up: number, over: number): number => (Math.floor(w) + up) * (Math.floor(a) + over);
      const low = (1 - fw) * ((1 - fa) * at(0, 0) + fa * at(0, 1));
      return sum + macs * (low + fw * ((1 - fa) * at(1, 0) + fa * at(1, 1)));
    }, 0);
    expect(costOf("bitops", space, widths) / corners).toBeCloseTo(1, 12);
  });
});

/** Layers whose kernels can be pruned one by one, and the channels of their outputs. */
const PRUNABLE = [
  ["plain", 6],
  ["depthwise", 6],
  ["grouped", 4],
  ["pointwise", 5],
  ["dense", 3],
] as const;

describe.each(PRUNABLE)("a kernel of 0 bits in the layer %s", (name, channels) => {
  const bits = Array.from({ length: channels }, (_, k) => [0, 3, 0, 1, 8, 2][k]!);

  test.each(DOREFA.map(({ id }) => id))("adds exactly nothing to the output: %s", (scheme) => {
    const layers = layersOf(createGraph("mixed", NODES));
    const net = network();
    const fixed = fixedQuantization(layers, [{ site: `${name}/weight`, bits, scheme }]);
    tf.tidy(() => {
      const values = channelsOf(net, name, fixed);
      values.forEach((channel, k) => {
        if (bits[k] === 0) expect(channel.every((value) => value === 0)).toBe(true);
        else expect(channel.some((value) => value !== 0)).toBe(true);
      });
    });
    fixed.dispose();
    disposeNetwork(net);
  });

  test("costs nothing", () => {
    const layer = layersOf(createGraph("mixed", NODES)).find((known) => known.name === name)!;
    const kept = bits.reduce((sum, width) => sum + width, 0) / channels;
    expect(resourceOf("bitops", [layer], [{ weight: bits, activation: 4 }])).toBeCloseTo(layer.macs * kept * 4, 6);
    expect(resourceOf("size", [layer], [{ weight: bits, activation: 4 }])).toBeCloseTo(
      (layer.weights * kept) / 8 + 4 * layer.biases,
      6,
    );
    const pruned = bits.map(() => 0);
    expect(resourceOf("bitops", [layer], [{ weight: pruned, activation: 4 }])).toBe(0);
  });
});

/** What leaves a layer before its bias, channel by channel: the others stay as they are. */
function channelsOf(net: Network, name: string, quantization: Parameters<typeof forward>[2]): readonly (readonly number[])[] {
  const until = NODES.findIndex((node) => node.name === name);
  const nodes = NODES.slice(0, until + 1).map((node) => ("bias" in node ? { ...node, bias: false } : node));
  const random = createRandom(2);
  const x = tf.tensor4d(
    Float32Array.from({ length: 64 }, () => random.normal()),
    [2, 4, 4, 2],
  );
  const cut = { ...net, graph: createGraph("cut", nodes) };
  const y = forward(cut, x, quantization, { training: false }).logits;
  const channels = y.shape.at(-1)!;
  const columns = tf.transpose(tf.reshape(y, [-1, channels])).arraySync() as number[][];
  return columns;
}

test("drawn shares are whole in training and interpolate in evaluation", () => {
  const { space, relaxation } = open({ interpolation: "gumbel" });
  const random = createRandom(3);
  setWidths(
    space,
    relaxation,
    drawWidths(space, () => 2.4),
  );
  const levels = (training: boolean): number =>
    tf.tidy(() => {
      const w = tf.tensor2d(
        Float32Array.from({ length: 400 }, () => random.normal()),
        [20, 20],
      );
      return new Set(relaxation.pass(training).quantize("dense", "weight", w, training)[0]!.dataSync()).size;
    });
  const drawn = new Set(
    Array.from({ length: 30 }, () => {
      relaxation.prepare?.(0);
      return levels(true);
    }),
  );
  // Modified levels of 2 or 3 bits.
  expect([...drawn].sort()).toEqual([4, 8]);
  expect(levels(false)).toBe(8);
  relaxation.dispose();
});

test("a width beyond its bounds counts as the bound, and only what leads back moves it", () => {
  const { space, relaxation } = open({ resource: "average" });
  const variables = [...relaxation.architecture.values()];
  const gradients = (width: number, target: number): number[] => {
    setWidths(
      space,
      relaxation,
      drawWidths(space, () => width),
    );
    return tf.tidy(() => {
      const { grads } = tf.variableGrads(() => relaxation.pass(true).penalty({ ...DEFAULT_KNOBS, target, kappa: 1 }), variables);
      return Object.values(grads).flatMap((gradient) => [...gradient.dataSync()]);
    });
  };
  // Below the least: a larger target pulls up, a smaller one has nothing left to take.
  expect(gradients(-0.5, 3).every((slope) => slope < 0)).toBe(true);
  expect(gradients(-0.5, -1).every((slope) => slope === 0)).toBe(true);
  expect(gradients(8.5, 5).every((slope) => slope > 0)).toBe(true);
  expect(gradients(8.5, 9).every((slope) => slope === 0)).toBe(true);
  relaxation.dispose();
});

test.each(["fixed", "zoomq", "clipq"])("the widths of %s have the gradients of finite differences", (quantizer) => {
  const { space, relaxation } = open({ quantizer }, false);
  const random = createRandom(4);
  const widths = drawWidths(space, () => 3.4);
  const [values, upstream] = [0, 1].map(() => Float32Array.from({ length: 12 }, () => random.normal())) as [
    Float32Array,
    Float32Array,
  ];
  const loss = (role: Role): tf.Scalar => {
    const x = tf.tensor2d(values, [4, 3]);
    const [y] = relaxation.pass(true).quantize("dense", role, x, true);
    return tf.sum(tf.mul(y!, tf.tensor2d(upstream, [4, 3])));
  };
  const last = space.searched.findIndex(({ name }) => name === "dense");
  for (const role of ROLES) {
    setWidths(space, relaxation, widths);
    const variable = relaxation.architecture.get(`${role} bits`)!;
    const analytic = tf.tidy(() => [...tf.variableGrads(() => loss(role), [variable]).grads[variable.name]!.dataSync()]);
    const moved = (step: number): number => {
      setWidths(
        space,
        relaxation,
        widths.map((own) => own.map((width) => width + step)),
      );
      return tf.tidy(() => loss(role).dataSync()[0]!);
    };
    // The output is linear between two whole widths.
    expect(analytic[last]).toBeCloseTo((moved(0.3) - moved(-0.3)) / 0.6, 3);
    analytic.forEach((slope, i) => {
      if (i !== last) expect(slope).toBe(0);
    });
  }
  relaxation.dispose();
});
