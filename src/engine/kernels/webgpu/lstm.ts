/** One time step of an LSTM and its gradient, a dispatch each. */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { dispatch } from "./dispatch";

const GROUP = 64;

/** -> [h, next, gates], see contract.ts. */
export function lstmCell(backend: WebGPUBackend, { z, bias, c }: Record<"z" | "bias" | "c", TensorInfo>): TensorInfo[] {
  const outputs = [c.shape, c.shape, z.shape].map((shape) => backend.makeTensorInfo(shape, "float32"));
  dispatch(backend, {
    key: "lstmCell",
    shader: () => ({
      inputs: ["z: f32", "bias: f32", "c: f32"],
      outputs: ["h: f32", "next: f32", "gates: f32"],
      uniforms: ["units: u32"],
      code: eachUnit(`
  let s = array<f32, 4>(z[at] + bias[unit], z[at + u] + bias[unit + u], z[at + 2u * u] + bias[unit + 2u * u],
    z[at + 3u * u] + bias[unit + 3u * u]);
  let i = 1.0 / (1.0 + exp(-s[0]));
  let f = 1.0 / (1.0 + exp(-s[1]));
  let g = tanhOf(s[2]);
  let o = 1.0 / (1.0 + exp(-s[3]));
  gates[at] = i;
  gates[at + u] = f;
  gates[at + 2u * u] = g;
  gates[at + 3u * u] = o;
  let state = f * c[place] + i * g;
  next[place] = state;
  h[place] = o * tanhOf(state);`),
    }),
    inputs: [z, bias, c],
    outputs,
    ...sizesOf(c),
  });
  return outputs;
}

/** -> [dz, dc], see contract.ts. */
export function lstmCellGrad(
  backend: WebGPUBackend,
  { gates, c, next, dh, dnext }: Record<"gates" | "c" | "next" | "dh" | "dnext", TensorInfo>,
): TensorInfo[] {
  const outputs = [gates.shape, c.shape].map((shape) => backend.makeTensorInfo(shape, "float32"));
  dispatch(backend, {
    key: "lstmCellGrad",
    shader: () => ({
      inputs: ["gates: f32", "c: f32", "next: f32", "dh: f32", "dnext: f32"],
      outputs: ["dz: f32", "dc: f32"],
      uniforms: ["units: u32"],
      code: eachUnit(`
  let i = gates[at];
  let f = gates[at + u];
  let g = gates[at + 2u * u];
  let o = gates[at + 3u * u];
  let t = tanhOf(next[place]);
  let through = dnext[place] + dh[place] * o * (1.0 - t * t);
  dz[at] = through * g * i * (1.0 - i);
  dz[at + u] = through * c[place] * f * (1.0 - f);
  dz[at + 2u * u] = through * i * (1.0 - g * g);
  dz[at + 3u * u] = dh[place] * t * o * (1.0 - o);
  dc[place] = through * f;`),
    }),
    inputs: [gates, c, next, dh, dnext],
    outputs,
    ...sizesOf(c),
  });
  return outputs;
}

/** One invocation for each unit of each row: `place` among the states, `at` the first of its four gates, which are `u` apart. */
const eachUnit = (body: string): string => `
// Some drivers overflow in tanh where its exponentials do.
fn tanhOf(x: f32) -> f32 { return tanh(clamp(x, -15.0, 15.0)); }

@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let place = id.x;
  if (place >= arrayLength(&c)) { return; }
  let u = parameters.units;
  let unit = place % u;
  let at = 4u * (place - unit) + unit;
${body}
}`;

function sizesOf(c: TensorInfo): { uniforms: readonly number[]; workgroups: readonly [number, number, number] } {
  const groups = Math.ceil(tf.util.sizeFromShape(c.shape) / GROUP);
  return { uniforms: [c.shape[1] as number], workgroups: [groups, 1, 1] };
}
