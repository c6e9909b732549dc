/** Vectors at the end of an array, where fewer than four lanes are left. */

/** The first `count` (1 to 3) floats at `p`; the other lanes are zero. */
export function loadLanes(p: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(p);
  const two = v128.load64_zero(p);
  return count == 2 ? two : v128.load_lane<f32>(p, two, 2, 8);
}

/** Writes the first `count` (1 to 3) lanes of `v` to `p`. */
export function storeLanes(p: usize, v: v128, count: i32): void {
  v128.store_lane<f32>(p, v, 0);
  if (count > 1) v128.store_lane<f32>(p, v, 1, 4);
  if (count > 2) v128.store_lane<f32>(p, v, 2, 8);
}

/** Sum of the four lanes in float64. */
export function sumLanes(v: v128): f64 {
  return (
    <f64>f32x4.extract_lane(v, 0) +
    <f64>f32x4.extract_lane(v, 1) +
    (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3))
  );
}
