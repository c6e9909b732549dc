/** Hands a file to the person. Nothing is sent anywhere: the address is a blob of this page. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Revoked at once, Firefox sometimes saves nothing.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
