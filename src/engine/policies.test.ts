import { expect, test } from "vitest";
import { version } from "../../package.json";
import { STUDIO_VERSION } from "./policies";

test("policies name the version that package.json has", () => {
  expect(STUDIO_VERSION).toBe(version);
});
