/** One time step of an LSTM, in float64 between its inputs and outputs. */

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** See `lstmCell` in contract.ts; arrays are row-major. */
export function lstmCell(
  z: Float32Array,
  bias: Float32Array,
  c: Float32Array,
): { readonly h: Float32Array; readonly next: Float32Array; readonly gates: Float32Array } {
  const units = bias.length / 4;
  const [h, next, gates] = [new Float32Array(c.length), new Float32Array(c.length), new Float32Array(z.length)];
  for (let at = 0; at < c.length; at++) {
    const unit = at % units;
    const row = 4 * (at - unit);
    const sum = (gate: number): number => (z[row + gate * units + unit] as number) + (bias[gate * units + unit] as number);
    const [i, f, g, o] = [sigmoid(sum(0)), sigmoid(sum(1)), Math.tanh(sum(2)), sigmoid(sum(3))];
    [i, f, g, o].forEach((value, gate) => (gates[row + gate * units + unit] = value));
    next[at] = f * (c[at] as number) + i * g;
    h[at] = o * Math.tanh(next[at] as number);
  }
  return { h, next, gates };
}

/** Gradients of the gates' sums and of the cell state before, from those of the output state and of the cell state after. */
export function lstmCellGrad(
  { gates, c, next }: Readonly<Record<"gates" | "c" | "next", Float32Array>>,
  dh: Float32Array,
  dnext: Float32Array,
  units: number,
): { readonly dz: Float32Array; readonly dc: Float32Array } {
  const [dz, dc] = [new Float32Array(gates.length), new Float32Array(c.length)];
  for (let at = 0; at < c.length; at++) {
    const unit = at % units;
    const row = 4 * (at - unit) + unit;
    const gate = (index: number): number => gates[row + index * units] as number;
    const [i, f, g, o] = [gate(0), gate(1), gate(2), gate(3)];
    const t = Math.tanh(next[at] as number);
    const upstream = dh[at] as number;
    const through = (dnext[at] as number) + upstream * o * (1 - t * t);
    const grads = [
      through * g * i * (1 - i),
      through * (c[at] as number) * f * (1 - f),
      through * i * (1 - g * g),
      upstream * t * o * (1 - o),
    ];
    grads.forEach((value, index) => (dz[row + index * units] = value));
    dc[at] = through * f;
  }
  return { dz, dc };
}
