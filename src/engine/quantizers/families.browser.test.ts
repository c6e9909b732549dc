import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROLES } from "../../core/search";
import { expectSameAsCpu, failures, normal, openBackends } from "../kernels/webgpu/testing";
import { openMixture } from "./mixture";
import { openInterpolation } from "./schemes/between-widths";

beforeAll(openBackends);
afterAll(() => expect(failures).toEqual([]));

const SUMS = { abs: 2e-3, rel: 1e-4 };

describe.each(["fixed", "zoomq", "clipq"])("%s on WebGPU", (scheme) => {
  const candidates = [2, 3, 4].map((bits) => ({ scheme, bits }));

  test.each(ROLES)("mixes and interpolates %ss as on the CPU, forward and backward", async (role) => {
    const mixed = (x: tf.Tensor, p: tf.Tensor): tf.Tensor =>
      openMixture(candidates, role, ["fc"]).mix("fc", x, p as tf.Tensor1D, true);
    const shares = () => tf.tensor1d([0.2, 0.5, 0.3]);
    const between = (x: tf.Tensor, share: tf.Tensor): tf.Tensor => {
      const widths = tf.tensor2d([[3], [4]]);
      return openInterpolation(candidates, role, ["fc"]).apply("fc", x, { widths, share: share as tf.Tensor1D }, true);
    };
    for (const [of, at] of [
      [mixed, shares],
      [between, () => tf.tensor1d([0.3])],
    ] as const) {
      await expectSameAsCpu(() => tf.grads(of)([normal([40, 30], 5, 0.1), at()], normal([40, 30], 6)), SUMS);
    }
  });
});
