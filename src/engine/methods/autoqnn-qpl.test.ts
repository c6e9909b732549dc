import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { createRandom } from "../../core/random";
import { schemeStatistics } from "../kernels/ops";
import { findScheme, rowsOf, rowsTensor, statisticsFor } from "../quantizers/schemes";
import { quantizeAtWidth, widthsOf } from "../quantizers/schemes/at-width";
import { disposeStudy } from "../study";
import { eventsOf, lastSearched, openPlayer, type Play } from "../study/testing";

vi.setConfig({ testTimeout: 120_000 });

let play: Play;
beforeAll(async () => {
  play = await openPlayer();
});

function normals(count: number): Float32Array {
  const random = createRandom("qpl");
  return Float32Array.from({ length: count }, () => random.normal());
}

describe.each(["clipq", "fixed", "zoomq", "resq"])("%s at a learned width", (scheme) => {
  const rows = rowsOf([2, 3, 4, 5, 6, 7, 8].map((bits) => ({ bits, scheme })));
  const at = (x: tf.Tensor1D, bits: number | tf.Tensor1D): tf.Tensor1D =>
    quantizeAtWidth(
      x,
      widthsOf(typeof bits === "number" ? tf.tensor1d([bits]) : bits, { table: rowsTensor(rows), offset: tf.tensor1d([-2]) })[0]!,
      schemeStatistics(x, statisticsFor(rows)),
    );

  test.each([
    [2.4, 2],
    [2.6, 3],
    [7.9, 8],
  ])("of %f bits takes the levels of %i", (bits, whole) => {
    tf.tidy(() => {
      const x = tf.tensor1d(normals(500));
      const { residuals } = statisticsFor(rows);
      const own = schemeStatistics(x, { ...statisticsFor(rows), residuals });
      const levels = findScheme(scheme).levels(whole, own.dataSync() as Float32Array);
      for (const y of at(x, bits).dataSync()) {
        const nearest = Math.min(...levels.map((level) => Math.abs(level - y)));
        expect(nearest).toBeLessThan(1e-5);
      }
    });
  });

  test("has the closed form's gradient for its width, and the scheme's for its input", () => {
    tf.tidy(() => {
      const [x, upstream] = [tf.tensor1d(normals(300)), tf.tensor1d(normals(900).slice(600))];
      for (const bits of [2.3, 3.8, 5]) {
        const y = at(x, bits).dataSync();
        const [dx, db] = tf.grads((v, b) => at(v as tf.Tensor1D, b as tf.Tensor1D))([x, tf.tensor1d([bits])], upstream);
        const passed = dx!.dataSync();
        const [xs, up] = [x.dataSync(), upstream.dataSync()];
        const levels = 2 ** Math.round(bits);
        let expected = 0;
        up.forEach((slope, i) => {
          const inside = passed[i] !== 0;
          if (scheme !== "clipq") expect(inside).toBe(true);
          // dv^/db = (v^ - v) / a da/db inside the range, v^ / a da/db outside.
          expected += slope * (inside ? y[i]! - xs[i]! : y[i]!) * ((-levels * Math.LN2) / (levels - 1));
        });
        expect(db!.dataSync()[0]).toBeCloseTo(expected, 3);
      }
    });
  });
});

test("the width's gradient is that of a quantizer whose rounding is smooth, by finite differences", () => {
  // R = 2 (2^b - 1) a / (2^b - 1) fixed: a(b) = R / (2^b - 1); the projection P is held, as straight through means.
  const [range, bits, h] = [4, 3, 1e-4];
  const step = (b: number): number => range / (2 ** b - 1);
  for (const v of [-0.7, 0.31, 1.2]) {
    const projected = Math.floor(v / step(bits)) + 0.5;
    // v^ = a (v / a + held rounding error): its derivative keeps what rounding added.
    const smooth = (b: number): number => step(b) * (v / step(b) + (projected - v / step(bits)));
    const difference = (smooth(bits + h) - smooth(bits - h)) / (2 * h);
    const closed = (projected * step(bits) - v) * ((-(2 ** bits) * Math.LN2) / (2 ** bits - 1));
    expect(difference).toBeCloseTo(closed, 5);
  }
});

describe("precision learning", () => {
  test.each([
    [3, 4],
    [4.5, 2.5],
  ])("brings the means to %f and %f bits, within 0.05, and leaves nothing behind", async (target, activationTarget) => {
    const before = tf.memory().numTensors;
    const { study, events } = await play({ method: "autoqnn-qpl", epochs: 20 }, { target, activationTarget, kappa: 10 });
    const { relaxed } = lastSearched(events);
    const [weights, weightTarget, activations, activationShown] = relaxed!.meters.map((values) => values[0]!);
    expect(weightTarget).toBe(target);
    expect(activationShown).toBe(activationTarget);
    expect(Math.abs(weights! - target)).toBeLessThan(0.05);
    expect(Math.abs(activations! - activationTarget)).toBeLessThan(0.05);
    const [policy] = eventsOf(events, "derived").map((event) => event.policy);
    policy!.layers
      .filter((layer) => layer.searched)
      .forEach((layer, i) => {
        expect(layer.weight).toMatchObject({ scheme: "clipq", bits: Math.round(relaxed!.bits[2 * i]!) });
        expect(layer.activation.bits).toBe(Math.round(relaxed!.bits[2 * i + 1]!));
      });
    expect(eventsOf(events, "result").at(-1)!.result.accuracy).toBeGreaterThan(0.6);
    disposeStudy(study);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("follows a target that moves during the run", async () => {
    const { study, events } = await play(
      { method: "autoqnn-qpl", epochs: 24 },
      { target: 5, activationTarget: 5, kappa: 10 },
      (event, control) => {
        if (event.type === "evaluated" && event.epoch === 4) {
          control.command({ type: "knobs", knobs: { ...control.knobs(), target: 3 } });
        }
      },
    );
    const [weights, , activations] = lastSearched(events).relaxed!.meters.map((values) => values[0]!);
    expect(Math.abs(weights! - 3)).toBeLessThan(0.05);
    expect(Math.abs(activations! - 5)).toBeLessThan(0.05);
    disposeStudy(study);
  });

  test("refuses a target out of reach before it starts", async () => {
    await expect(play({ method: "autoqnn-qpl" }, { target: 1 })).rejects.toThrow(
      /The target of 1 bit for the weights cannot be met: choose one from 2 to 8 bits/,
    );
    await expect(play({ method: "autoqnn-qpl", options: { ascheme: "potq" } }, { activationTarget: 5 })).rejects.toThrow(
      /for the activations cannot be met: choose one from 2 to 4 bits/,
    );
  });
});
