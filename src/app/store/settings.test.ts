import { beforeEach, expect, it } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../../core/config";
import { parseSettings } from "../../core/settings-text";
import { searchText, useSettings } from "./settings";

beforeEach(() => useSettings.setState({ config: DEFAULT_CONFIG, knobs: DEFAULT_KNOBS, problems: [] }));

const readBack = (text: string) => parseSettings(new URLSearchParams(text));

it("leaves the address empty for the defaults", () => {
  expect(searchText(useSettings.getState())).toBe("");
});

it("puts every changed setting into the address so that it reads back", () => {
  const { change, setKnobs } = useSettings.getState();
  change({
    model: "vgg7",
    width: 32,
    weightBits: [2, 8],
    includeEnds: true,
    seed: 42,
    shift: false,
    backend: "wasm",
    options: { branches: "parallel" },
    derive: { rule: "multinomial", draws: 50, tries: 3 },
  });
  setKnobs({ lambda: 1.05e-3 });
  const { config, knobs } = useSettings.getState();
  expect(readBack(searchText({ config, knobs }))).toEqual({ config, knobs, problems: [] });
});

it("keeps lambda inside its limits and ignores what is no number", () => {
  const { setKnobs } = useSettings.getState();
  setKnobs({ lambda: 50 });
  expect(useSettings.getState().knobs.lambda).toBe(1);
  setKnobs({ lambda: 0 });
  expect(useSettings.getState().knobs.lambda).toBe(1e-6);
  setKnobs({ lambda: NaN });
  expect(useSettings.getState().knobs.lambda).toBe(1e-6);
});
