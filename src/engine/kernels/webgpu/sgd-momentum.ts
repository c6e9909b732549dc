/** A momentum step of one variable in one dispatch; stock TensorFlow.js takes four and more. */
import { util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { SgdAttrs } from "../contract";
import { dispatch } from "./dispatch";
import { LANES, MAIN, workgroupsFor } from "./wgsl";

/** -> [newP, newV], see contract.ts. */
export function sgdMomentum(
  backend: WebGPUBackend,
  { p, v, g }: Record<"p" | "v" | "g", TensorInfo>,
  { rate, momentum, weightDecay, nesterov }: SgdAttrs,
): TensorInfo[] {
  const outputs = [p, v].map(({ shape }) => backend.makeTensorInfo(shape, "float32"));
  const size = util.sizeFromShape(p.shape);
  dispatch(backend, {
    key: nesterov ? "sgdNesterov" : "sgdMomentum",
    shader: () => ({
      inputs: ["p: f32", "v: f32", "g: f32"],
      outputs: ["newP: f32", "newV: f32"],
      uniforms: ["rate: f32", "momentum: f32", "weightDecay: f32"],
      code: code(nesterov ? "gradient + parameters.momentum * velocity" : "velocity"),
    }),
    inputs: [p, v, g],
    outputs,
    uniforms: [rate, momentum, weightDecay],
    workgroups: [workgroupsFor(size, 4, 1024), 1, 1],
  });
  return outputs;
}

const code = (direction: string) => `
${MAIN} {
  let size = arrayLength(&p);
  for (var i = group.x * ${LANES}u + lane; i < size; i += groups.x * ${LANES}u) {
    let gradient = g[i] + parameters.weightDecay * p[i];
    let velocity = parameters.momentum * v[i] + gradient;
    newV[i] = velocity;
    newP[i] = p[i] - parameters.rate * (${direction});
  }
}`;
