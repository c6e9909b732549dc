import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test, vi } from "vitest";
import { evaluate } from "../evaluate";
import { FLOAT } from "../forward";
import type { Network } from "../network";
import { disposeStudy, type Study } from ".";
import { statisticsDoubt } from "./statistics";
import { corners, eventsOf, openPlayer, type Play } from "./testing";

// Whole runs: a loaded machine takes longer than five seconds for some.
vi.setConfig({ testTimeout: 60_000 });

const DATA = corners();

let play: Play;
beforeAll(async () => void (play = await openPlayer()));

/** A network whose means are off by three standard deviations. */
function shifted({ running }: Network): void {
  for (const [name, mean] of running) {
    if (!name.endsWith(".mean")) continue;
    const variance = running.get(name.replace(/mean$/, "variance"))!;
    tf.tidy(() => mean.assign(tf.add(mean, tf.mul(3, tf.sqrt(variance)))));
  }
}

async function doubtOf({ search }: Study): Promise<string | null> {
  const { network } = search!;
  const evaluation = await evaluate(network, DATA.info, DATA.test, () => FLOAT);
  return statisticsDoubt(network, DATA, () => FLOAT, evaluation);
}

test("is told with both accuracies where other statistics serve the network much better, and costs no tensor", async () => {
  const { study } = await play({ epochs: 6 });
  const before = tf.memory().numTensors;
  expect(await doubtOf(study)).toBeNull();
  const { accuracy } = await evaluate(study.search!.network, DATA.info, DATA.test, () => FLOAT, "batch");
  shifted(study.search!.network);
  const doubt = await doubtOf(study);
  expect(doubt).toMatch(/^The running statistics .* do not fit this network: on the test data it reaches \d/);
  expect(doubt).toContain(`statistics of each test batch ${(100 * accuracy).toFixed(1)} %.`);
  expect(tf.memory().numTensors).toBe(before);
  disposeStudy(study);
});

test("is told after a training too short for them, not after a longer one", async () => {
  const told = async (epochs: number): Promise<readonly string[]> => {
    const { study, events } = await play({ epochs, retrain: true });
    disposeStudy(study);
    return eventsOf(events, "log").flatMap(({ text }) => (text.includes("running statistics") ? [text.slice(0, 8)] : []));
  };
  expect(await told(1)).toEqual(["Retrain:"]);
  expect(await told(6)).toEqual([]);
});
