/** SHA-256 of a part, or of several parts' hashes one after another, hexadecimal; "" where the page has no secure context and so no hash functions. */
export async function hashOf(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  const { crypto } = globalThis as { readonly crypto?: Crypto };
  if (!crypto?.subtle) return "";
  const digests: Uint8Array[] = [];
  for (const part of parts) digests.push(new Uint8Array(await crypto.subtle.digest("SHA-256", part)));
  const [only] = digests;
  const whole = digests.length === 1 && only ? only : new Uint8Array(await crypto.subtle.digest("SHA-256", joined(digests)));
  return Array.from(whole, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
