/** Lets waiting messages in: a macrotask through a MessageChannel, because `setTimeout` costs 4 ms and a promise lets nothing in. */
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();
// Node would otherwise never exit.
(channel.port1 as unknown as { unref?: () => void }).unref?.();

export function yieldTask(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
