/** Hands a text or bytes to the person as a file. Nothing is sent anywhere: the address is a blob of this page. */
export function download(name: string, content: string | Uint8Array<ArrayBuffer>, mediaType: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: mediaType }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Revoked at once, Firefox sometimes saves nothing.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
