/** Unpacking in Chromium, whose decompressor is another than Node's. */
import { expect, test } from "vitest";
import { namedBytes, openBytes } from "./bytes";

const pack = async (content: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await new Response(new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer());

const CONTENT = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 3);

async function unpack(packed: Uint8Array<ArrayBuffer>, limit = 200_000): Promise<Uint8Array> {
  const reader = await openBytes(namedBytes(new File([packed], "x.gz"), "x.gz"));
  try {
    return await reader.readRest(limit);
  } finally {
    await reader.close();
  }
}

test("a gzip file is unpacked, a plain one is not", async () => {
  expect(await unpack(await pack(CONTENT))).toEqual(CONTENT);
  expect(await unpack(CONTENT)).toEqual(CONTENT);
});

test("a truncated file, a wrong checksum and a damaged middle are told", async () => {
  const packed = await pack(CONTENT);
  const message = /"x.gz" is damaged or cut off: it does not unpack/;
  for (const end of [5, packed.length >> 1, packed.length - 9, packed.length - 1]) {
    await expect(unpack(packed.slice(0, end))).rejects.toThrow(message);
  }
  for (const at of [200, packed.length - 6]) {
    const damaged = packed.slice();
    damaged[at]! ^= 0xff;
    await expect(unpack(damaged)).rejects.toThrow(message);
  }
});

test("a bomb stops at the limit", async () => {
  const bomb = await pack(new Uint8Array(50_000_000));
  await expect(unpack(bomb)).rejects.toThrow(/more than the 200000 bytes/);
});
