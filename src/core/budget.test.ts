import fc from "fast-check";
import { expect, test } from "vitest";
import { budgetOf, checkTarget, reachOf, resourceOf, targetFor } from "./budget";
import { layersOf } from "./layers";
import { findModel } from "./models";
import { sameCandidates, searchSpace, type Role } from "./search";

const layers = layersOf(findModel("resnet8").build({ width: 8, input: [20, 20, 1], classes: 10 }));
const space = searchSpace(layers, {
  includeEnds: true,
  site: sameCandidates((role: Role) => (role === "weight" ? [2, 4, 8] : [3, 8]).map((bits) => ({ bits, scheme: "x" }))),
});

test("at whole uniform widths BitOps are MACs x w x a, and kernels of one width cost what the layer does", () => {
  const widths = fc.integer({ min: 0, max: 8 });
  fc.assert(
    fc.property(widths, widths, (w, a) => {
      const bits = space.searched.map(() => ({ weight: w, activation: a }));
      const kernels = space.searched.map((layer) => ({ weight: Array<number>(layer.output.at(-1)!).fill(w), activation: a }));
      const expected = space.searched.reduce((sum, { macs }) => sum + macs * w * a, 0);
      expect(resourceOf("bitops", space.searched, bits)).toBe(expected);
      expect(resourceOf("bitops", space.searched, kernels)).toBeCloseTo(expected, 6);
      expect(resourceOf("average", space.searched, bits)).toBeCloseTo((w + a) / 2, 12);
    }),
  );
});

test("a pruned kernel costs nothing", () => {
  const [layer] = space.searched;
  const bits = [4, 0, 0, 4, 4, 4, 0, 4];
  expect(resourceOf("bitops", [layer!], [{ weight: bits, activation: 3 }])).toBeCloseTo((layer!.macs * (5 * 4) * 3) / 8, 6);
  expect(resourceOf("size", [layer!], [{ weight: bits, activation: 3 }])).toBeCloseTo((layer!.weights * 20) / 8 / 8, 6);
});

test("a target and its resource are two ways to say one thing", () => {
  for (const resource of ["bitops", "size", "average"] as const) {
    const { min, max } = reachOf(resource, space);
    expect([min, max]).toEqual([2, 8]);
    for (const bits of [min, 2.5, 3.7, max]) {
      expect(targetFor(resource, space, budgetOf(resource, space, bits))).toBeCloseTo(bits, 6);
    }
  }
});

test("a target outside the reach is refused with the reach", () => {
  expect(() => checkTarget("bitops", space, 3)).not.toThrow();
  expect(() => checkTarget("bitops", space, 1)).toThrow(/even the fewest bits everywhere cost .* MBitOps.*from 2 to 8 bits/);
  expect(() => checkTarget("size", space, 9)).toThrow(/the most bits everywhere cost only .* kB/);
});
