/** Rounds to the nearest integer, halves to the even one (IEEE 754), as PyTorch, WGSL and WebAssembly do. `Math.round` does not. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
