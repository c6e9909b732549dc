/** A small data set in the files of MNIST. */
import { gzipSync } from "node:zlib";

/** IDX bytes: magic, sizes, data. */
function idx(sizes: readonly number[], data: Uint8Array): Uint8Array {
  const head = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  head.setUint32(0, 0x0800 + sizes.length);
  sizes.forEach((size, i) => head.setUint32(4 + 4 * i, size));
  return Uint8Array.from([...new Uint8Array(head.buffer), ...data]);
}

/** Two classes of 12x12 images: left half bright or right half bright. */
function mnistLike(count: number): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const pixels = new Uint8Array(count * 144);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  labels.forEach((label, i) => {
    for (let p = 0; p < 144; p++) pixels[i * 144 + p] = p % 12 < 6 === (label === 0) ? 200 : (p * 7 + i) % 60;
  });
  return { images: idx([count, 12, 12], pixels), labels: idx([count], labels) };
}

/** The four files of a set of 256 training and 64 test images. */
export function mnistLikeFiles(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const [train, test] = [mnistLike(256), mnistLike(64)];
  return [
    { name: "t10k-labels-idx1-ubyte", bytes: test.labels },
    { name: "train-images-idx3-ubyte.gz", bytes: gzipSync(train.images) },
    { name: "t10k-images-idx3-ubyte", bytes: test.images },
    { name: "train-labels-idx1-ubyte.gz", bytes: gzipSync(train.labels) },
  ];
}
