/** The networks made for ImageNet, as narrow as they get on images as small as they take: a whole search of one step. */
import { beforeAll, expect, test } from "vitest";
import { DEFAULT_CONFIG, DEFAULT_KNOBS } from "../core/config";
import { imageDataset, type ImageDataset } from "../core/dataset";
import { MODELS } from "../core/models";
import type { RunEvent } from "../core/protocol";
import { createRandom } from "../core/random";
import { openBackend, type OpenBackend } from "./backend";
import { createControl } from "./control";
import { disposeStudy, openStudy, runStudy } from "./study";

const SIZE = 20;
const BATCH = 4;

/** Noise in two classes. */
function noise(): ImageDataset {
  const random = createRandom("noise");
  const split = {
    images: Uint8Array.from({ length: BATCH * SIZE * SIZE }, () => random.integer(256)),
    labels: Uint16Array.from({ length: BATCH }, (_, i) => i % 2),
  };
  const sizes = { height: SIZE, width: SIZE, channels: 1, trainCount: BATCH, testCount: BATCH };
  const info = { kind: "images" as const, id: "noise", name: "Noise", classes: ["a", "b"], resizing: null, ...sizes };
  return imageDataset(info, { train: split, test: split });
}

let backend: OpenBackend;
beforeAll(async () => {
  backend = await openBackend("wasm", { wasmPaths: null, threads: 1 });
});

test.each(MODELS.filter(({ published: { classes } }) => classes === 1000).map(({ id }) => id))(
  "%s is searched with finite losses and gradients",
  async (model) => {
    const small = { data: "noise", epochs: 1, batch: BATCH, retrain: false, baselines: false };
    const study = openStudy({ ...DEFAULT_CONFIG, ...small, model, width: 4 }, noise());
    const events: RunEvent[] = [];
    await runStudy(study, {
      backend: backend.info,
      backendFailure: backend.failure,
      control: createControl(DEFAULT_KNOBS),
      emit: (event) => events.push(event),
    });
    const snapshot = events.find((event) => event.type === "snapshot");
    expect(snapshot?.snapshot.taskLoss).toBeGreaterThan(0);
    expect(events.map(({ type }) => type)).toContain("derived");
    // After an update, so that no gradient was anything but finite.
    for (const [name, variable] of study.search!.network.trainable) {
      const values = await variable.data();
      expect(values.every(Number.isFinite), name).toBe(true);
    }
    disposeStudy(study);
  },
);
