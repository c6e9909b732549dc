import { expect, it } from "vitest";
import { DEFAULT_CONFIG } from "../../core/config";
import type { DatasetInfo } from "../../core/dataset";
import { modelLabel, spaceOf } from "./space";

const GLYPHS: DatasetInfo = {
  id: "glyphs",
  name: "Glyphs",
  classes: ["0", "1"],
  height: 16,
  width: 16,
  channels: 1,
  trainCount: 8,
  testCount: 4,
};

it("follows the settings' candidates and leaves the ends out unless they are included", () => {
  const inner = spaceOf(DEFAULT_CONFIG, GLYPHS);
  const all = spaceOf({ ...DEFAULT_CONFIG, includeEnds: true, weightBits: [2, 8] }, GLYPHS);
  if (!inner.ok || !all.ok) throw new Error("Both networks fit.");
  expect(inner.space.searched).toEqual(inner.space.layers.slice(1, -1));
  expect(all.space.searched).toEqual(all.space.layers);
  expect(all.space.sites[0]?.candidates.map(({ bits }) => bits)).toEqual([2, 8]);
  expect(all.space.layers.at(-1)?.output).toEqual([2]);
});

it("says what is wrong with a network that does not exist or does not fit", () => {
  expect(spaceOf({ ...DEFAULT_CONFIG, model: "nothing" }, GLYPHS)).toMatchObject({
    ok: false,
    message: expect.stringContaining('No network "nothing"') as string,
  });
  expect(spaceOf({ ...DEFAULT_CONFIG, model: "lenet5" }, { ...GLYPHS, height: 4, width: 4 })).toMatchObject({ ok: false });
});

it("calls networks as the menu does, unknown ones by their id", () => {
  expect([modelLabel("resnet8"), modelLabel("x")]).toEqual(["ResNet-8", "x"]);
});
