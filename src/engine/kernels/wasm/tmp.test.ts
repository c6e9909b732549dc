import * as tf from "@tensorflow/tfjs-core";
import { test } from "vitest";
import { rowsOf, rowsTensor, statisticsFor } from "../../quantizers/schemes";
import { schemeMix, schemeStatistics, mixActivation } from "../ops";
import { normal, useWasm } from "./testing";
test("speed", async () => {
  await useWasm();
  const x = tf.tensor1d(normal(1 << 20, 3)), dy = tf.tensor1d(normal(1 << 20, 4));
  const time = (name: string, f: () => unknown) => { let best = 1e9; for (let i = 0; i < 12; i++) { const t = performance.now(); tf.tidy(() => void f()); best = Math.min(best, performance.now() - t); } console.log("SPEED", name, best.toFixed(2), "ms"); };
  for (const s of [["fixed", 3], ["resq", 3], ["zoomq", 3], ["clipq", 3], ["potq", 3]] as const) { const rows = rowsOf([{ scheme: s[0], bits: s[1] }]); const r = rowsTensor(rows); const st = schemeStatistics(x, statisticsFor(rows)); const p = tf.ones([1]) as tf.Tensor1D; time(s[0], () => schemeMix(x, r, st, p, { learned: false })); }
  const rows = rowsOf([{ scheme: "fixed", bits: 3 }, { scheme: "resq", bits: 3 }, { scheme: "zoomq", bits: 3 }, { scheme: "clipq", bits: 3 }, { scheme: "potq", bits: 3 }]); const r = rowsTensor(rows);
  const st = schemeStatistics(x, statisticsFor(rows)); const p = tf.fill([5], 0.2) as tf.Tensor1D;
  time("stats", () => schemeStatistics(x, statisticsFor(rows)));
  time("mix5", () => schemeMix(x, r, st, p, { learned: true }));
  const g = tf.grads((v: tf.Tensor, q: tf.Tensor) => schemeMix(v, r, st, q as tf.Tensor1D, { learned: true }));
  time("mix5 + grad", () => g([x, p], dy));
  const grid = tf.tensor2d(Array.from({length:5},()=>[0.3,0.5,-3,4,-1,1])); time("grid mix5", () => mixActivation(x, grid, p, true));
});
