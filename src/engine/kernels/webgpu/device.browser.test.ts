import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { probeWebGpu } from "./device";
test("probe", async () => {
  console.log(JSON.stringify(await probeWebGpu()), crossOriginIsolated);
  const a = await navigator.gpu.requestAdapter();
  console.log(
    [...a!.features].join(" "),
    a!.limits.maxStorageBuffersPerShaderStage,
    a!.limits.maxComputeInvocationsPerWorkgroup,
    a!.limits.maxComputeWorkgroupStorageSize,
  );
  expect(tf.version_core).toBe("4.22.0");
});
