/** One time step of an LSTM (see `lstmCell` in contract.ts), a row of the batch a chunk: units, then the tensors. */
import { int, pointer } from "./arguments";

/** Row `chunk` of tensor `index` with `columns` columns. */
function rowOf(job: usize, index: i32, chunk: i32, columns: i32): usize {
  return pointer(job, index) + ((<usize>chunk * <usize>columns) << 2);
}

/** float64 would cost twice the time for digits that float32 does not keep. */
function sigmoid(x: f32): f32 {
  return <f32>1 / (<f32>1 + Mathf.exp(-x));
}

export function lstmCell(job: usize, chunk: i32): void {
  const units = int(job, 0);
  const bytes = (<usize>units) << 2;
  let z = rowOf(job, 1, chunk, 4 * units);
  let bias = pointer(job, 2);
  let c = rowOf(job, 3, chunk, units);
  let h = rowOf(job, 4, chunk, units);
  let next = rowOf(job, 5, chunk, units);
  let gates = rowOf(job, 6, chunk, 4 * units);
  for (const end = c + bytes; c < end; z += 4, bias += 4, c += 4, h += 4, next += 4, gates += 4) {
    const i = sigmoid(load<f32>(z) + load<f32>(bias));
    const f = sigmoid(load<f32>(z + bytes) + load<f32>(bias + bytes));
    const g = Mathf.tanh(load<f32>(z + 2 * bytes) + load<f32>(bias + 2 * bytes));
    const o = sigmoid(load<f32>(z + 3 * bytes) + load<f32>(bias + 3 * bytes));
    store<f32>(gates, i);
    store<f32>(gates + bytes, f);
    store<f32>(gates + 2 * bytes, g);
    store<f32>(gates + 3 * bytes, o);
    const state = f * load<f32>(c) + i * g;
    store<f32>(next, state);
    store<f32>(h, o * Mathf.tanh(state));
  }
}

export function lstmCellGrad(job: usize, chunk: i32): void {
  const units = int(job, 0);
  const bytes = (<usize>units) << 2;
  let gates = rowOf(job, 1, chunk, 4 * units);
  let c = rowOf(job, 2, chunk, units);
  let next = rowOf(job, 3, chunk, units);
  let dh = rowOf(job, 4, chunk, units);
  let dnext = rowOf(job, 5, chunk, units);
  let dz = rowOf(job, 6, chunk, 4 * units);
  let dc = rowOf(job, 7, chunk, units);
  for (const end = c + bytes; c < end; gates += 4, c += 4, next += 4, dh += 4, dnext += 4, dz += 4, dc += 4) {
    const i = load<f32>(gates);
    const f = load<f32>(gates + bytes);
    const g = load<f32>(gates + 2 * bytes);
    const o = load<f32>(gates + 3 * bytes);
    const t = Mathf.tanh(load<f32>(next));
    const upstream = load<f32>(dh);
    const through = load<f32>(dnext) + upstream * o * (<f32>1 - t * t);
    store<f32>(dz, through * g * i * (<f32>1 - i));
    store<f32>(dz + bytes, through * load<f32>(c) * f * (<f32>1 - f));
    store<f32>(dz + 2 * bytes, through * i * (<f32>1 - g * g));
    store<f32>(dz + 3 * bytes, upstream * t * o * (<f32>1 - o));
    store<f32>(dc, through * f);
  }
}
