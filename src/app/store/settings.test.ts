import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_CONFIG, type MethodDefaults } from "../../core/config";
import type { MethodInfo } from "../../core/catalog";
import { parseSettings } from "../../core/settings-text";
import { searchText, useSettings } from "./settings";

beforeEach(() => useSettings.setState(useSettings.getInitialState()));

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
  setKnobs({ lambda: 1.05e-3, target: 2.5, kappa: 10 });
  const { config, knobs } = useSettings.getState();
  expect(readBack(searchText(useSettings.getState()))).toMatchObject({ config, knobs, problems: [] });
});

describe("the values of a method", () => {
  const plain = method("plain", {});
  const eager = method("eager", { weightBits: [1, 8], retrain: false, architectureRate: 0.02 });

  it("come with it and go with it", () => {
    const { change, chooseMethod } = useSettings.getState();
    change({ seed: 7, options: { branches: "parallel" } });
    chooseMethod(eager);
    expect(useSettings.getState().config).toMatchObject({ method: "eager", ...eager.defaults, seed: 7, options: {} });
    chooseMethod(plain);
    expect(useSettings.getState().config).toEqual({ ...DEFAULT_CONFIG, method: "plain", seed: 7 });
  });

  it("fill in what the address left open, and nothing else", () => {
    const { config, given } = readBack("method=eager&retrain=1&seed=3");
    useSettings.setState({ config, given });
    useSettings.getState().change({ weightBits: [4] });
    useSettings.getState().fillIn([plain, eager]);
    expect(useSettings.getState().config).toMatchObject({ retrain: true, weightBits: [4], architectureRate: 0.02, seed: 3 });
  });

  it("need no place in the address, and what differs from them has one", () => {
    useSettings.getState().chooseMethod(eager);
    expect(searchText(useSettings.getState())).toBe("?method=eager");
    useSettings.getState().change({ retrain: true });
    expect(searchText(useSettings.getState())).toBe("?method=eager&retrain=1");
  });
});

function method(id: string, defaults: MethodDefaults): MethodInfo {
  return { id, label: id, summary: "", knobs: [], options: [], sampling: true, defaults, continuation: null };
}

it("keeps lambda inside its limits and ignores what is no number", () => {
  const { setKnobs } = useSettings.getState();
  setKnobs({ lambda: 50 });
  expect(useSettings.getState().knobs.lambda).toBe(1);
  setKnobs({ lambda: 0 });
  expect(useSettings.getState().knobs.lambda).toBe(1e-6);
  setKnobs({ lambda: NaN });
  expect(useSettings.getState().knobs.lambda).toBe(1e-6);
});
