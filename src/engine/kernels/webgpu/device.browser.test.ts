import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openWebGpu, probeWebGpu } from "./device";
import { failures, openBackends, webGpu } from "./testing";

describe("probing", () => {
  afterEach(() => vi.restoreAllMocks());

  const adapter = (info: Partial<GPUAdapterInfo>) =>
    vi.spyOn(navigator.gpu, "requestAdapter").mockResolvedValue({
      info: { vendor: "", architecture: "", device: "", description: "", isFallbackAdapter: false, ...info },
      limits: { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 },
    } as GPUAdapter);

  test("the adapter that these tests run on is recognised as software", async () => {
    expect(await probeWebGpu()).toMatchObject({ adapterName: expect.stringMatching(/swiftshader/i) as unknown, software: true });
  });

  test.each([
    [{ vendor: "nvidia", architecture: "hopper" }, "nvidia hopper", false],
    [{ vendor: "mesa", architecture: "llvmpipe" }, "mesa llvmpipe", true],
    [{ vendor: "microsoft", description: "Microsoft Basic Render Driver" }, "microsoft Microsoft Basic Render Driver", true],
    [{ vendor: "intel", isFallbackAdapter: true }, "intel", true],
    [{}, "unnamed adapter", false],
  ])("%j is %s, software: %s", async (info, adapterName, software) => {
    adapter(info);
    expect(await probeWebGpu()).toEqual({ adapterName, software, largestTensor: 2 ** 27 });
  });

  test("without an adapter there is a reason instead of an exception", async () => {
    vi.spyOn(navigator.gpu, "requestAdapter").mockResolvedValue(null);
    expect(await probeWebGpu()).toEqual({ reason: expect.stringContaining("no graphics adapter") as unknown });
    await expect(openWebGpu(() => {})).rejects.toThrow("no graphics adapter");
  });

  test("without WebGPU there is a reason instead of an exception", async () => {
    vi.spyOn(globalThis, "navigator", "get").mockReturnValue({} as Navigator);
    expect(await probeWebGpu()).toEqual({ reason: "This browser has no WebGPU." });
  });
});

test("the device has the adapter's limits, and reports its errors", async () => {
  await openBackends();
  const { device } = webGpu();
  const adapter = await navigator.gpu.requestAdapter();
  expect(device.limits.maxStorageBuffersPerShaderStage).toBe(adapter!.limits.maxStorageBuffersPerShaderStage);
  expect(device.limits.maxStorageBufferBindingSize).toBe(adapter!.limits.maxStorageBufferBindingSize);
  expect(device.limits.maxBufferSize).toBe(adapter!.limits.maxBufferSize);

  device.createShaderModule({ code: "no shader" });
  device.queue.submit([]); // Errors travel with the next submission.
  await vi.waitFor(() => expect(failures).toEqual([expect.stringContaining("WebGPU error")]));
});

test("a second device replaces the first", async () => {
  const first = webGpu();
  await openWebGpu(() => {});
  await tf.setBackend("webgpu");
  expect(webGpu()).not.toBe(first);
  expect([...(await tf.square(tf.tensor1d([1, 2, 3])).data())]).toEqual([1, 4, 9]);
});
