/** One image of planes, [channels, pixels], becomes one of pixels, [pixels, channels]. Both have the same length. */
export function interleave(planes: Uint8Array, pixels: Uint8Array, channels: number): void {
  const plane = planes.length / channels;
  for (let p = 0, out = 0; p < plane; p++) {
    for (let c = 0; c < channels; c++, out++) pixels[out] = planes[c * plane + p] as number;
  }
}
