import { expect, test } from "vitest";
import { DEFAULT_KNOBS, type Knobs } from "../core/config";
import { createControl } from "./control";

const knobs = (lambda: number): Knobs => ({ ...DEFAULT_KNOBS, lambda });

/** Whether a gate opens within a few macrotasks. */
async function opens(gate: Promise<unknown>): Promise<boolean> {
  let open = false;
  void gate.then(() => {
    open = true;
  });
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  return open;
}

test("a paused run waits at the gate until it is resumed", async () => {
  const control = createControl(knobs(1));
  control.command({ type: "pause" });
  const gate = control.gate();
  expect(await opens(gate)).toBe(false);
  control.command({ type: "resume" });
  expect(await gate).toBe("go");
  expect(await control.gate()).toBe("go");
});

test("a gate that holds first calls back, once", async () => {
  const control = createControl(knobs(1));
  let calls = 0;
  const onHold = async (): Promise<void> => {
    calls++;
  };
  expect(await control.gate(onHold)).toBe("go");
  expect(calls).toBe(0);
  control.command({ type: "pause" });
  const gate = control.gate(onHold);
  expect(await opens(gate)).toBe(false);
  expect(calls).toBe(1);
  control.command({ type: "resume" });
  await gate;
});

test("a single step opens the gate once", async () => {
  const control = createControl(knobs(1));
  control.command({ type: "pause" });
  const first = control.gate();
  control.command({ type: "step" });
  expect(await first).toBe("go");
  const second = control.gate();
  expect(await opens(second)).toBe(false);
  control.command({ type: "step" });
  expect(await second).toBe("go");
});

test("a step asked for while running runs one step and pauses", async () => {
  const control = createControl(knobs(1));
  control.command({ type: "step" });
  expect(await control.gate()).toBe("go");
  expect(await opens(control.gate())).toBe(false);
});

test("finishing ends one stage, stopping all that follow", async () => {
  const control = createControl(knobs(1));
  control.command({ type: "finish" });
  expect(await control.gate()).toBe("finish");
  expect(await control.gate()).toBe("go");
  control.command({ type: "stop" });
  expect(await control.gate()).toBe("stop");
  expect(await control.gate()).toBe("stop");
});

test("stopping wakes a paused run", async () => {
  const control = createControl(knobs(1));
  control.command({ type: "pause" });
  const gate = control.gate();
  control.command({ type: "stop" });
  expect(await gate).toBe("stop");
});

test("knobs set during a run are read by the next step, and a reset forgets the pause", async () => {
  const control = createControl(knobs(1));
  control.command({ type: "knobs", knobs: knobs(0.5) });
  expect(control.knobs().lambda).toBe(0.5);
  control.command({ type: "pause" });
  control.reset(knobs(2));
  expect(control.knobs().lambda).toBe(2);
  expect(await control.gate()).toBe("go");
});
