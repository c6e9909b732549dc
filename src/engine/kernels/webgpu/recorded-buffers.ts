/** Buffers that belong to one recording: its tensors get theirs from a buffer manager of its own. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

type BufferManager = WebGPUBackend["bufferManager"];

interface RecordedBuffers {
  /** Whether a buffer of the set that was asked for has been freed since; if so, it is taken back. */
  readonly keep: (buffer: GPUBuffer) => boolean;
  /** Buffers of the recording that tensors hold. */
  readonly used: () => number;
  /** From here on new tensors get their buffers elsewhere. Gives the recording's own, numbered as they were made. */
  readonly stop: () => ReadonlyMap<GPUBuffer, number>;
  /** From here on it is noticed when somebody frees one of these. */
  readonly guard: (others: ReadonlySet<GPUBuffer>) => void;
  /** Whether the guarded ones are all in use still. */
  readonly intact: () => boolean;
  /** Frees all of the recording's own, tensors or not. */
  readonly destroy: () => void;
}

/** Buffers that a recording uses and does not own. */
interface Guard {
  others: ReadonlySet<GPUBuffer>;
  intact: boolean;
}

interface Router {
  readonly main: BufferManager;
  /** Where new buffers come from. */
  current: BufferManager;
  /** Told of each new buffer and, before it is freed, asked about each old one: true keeps it. */
  made: (buffer: GPUBuffer) => void;
  freed: (buffer: GPUBuffer) => boolean;
  readonly live: Set<BufferManager>;
  readonly guards: Set<Guard>;
}

/** Records from now on; of `watched` buffers it is known whether they were freed. */
export function recordBuffers(backend: WebGPUBackend, watched: ReadonlySet<GPUBuffer | null>): RecordedBuffers {
  const router = routerOf(backend);
  const { main } = router;
  const manager = new (main.constructor as new (device: GPUDevice) => BufferManager)(backend.device);
  const own = new Map<GPUBuffer, number>();
  const held = new Set<GPUBuffer>();
  router.live.add(manager);
  router.current = manager;
  router.made = (buffer) => {
    if (!own.has(buffer)) own.set(buffer, own.size);
  };
  router.freed = (buffer) => watched.has(buffer) && Boolean(held.add(buffer));
  const guard: Guard = { others: new Set(), intact: true };
  let recording = true;
  return {
    keep: (buffer) => held.delete(buffer),
    used: () => manager.getNumUsedBuffers(),
    stop: () => {
      if (recording) {
        recording = false;
        Object.assign(router, IDLE, { current: main });
        for (const buffer of held) backend.bufferManager.releaseBuffer(buffer);
      }
      return own;
    },
    guard: (others) => {
      guard.others = others;
      router.guards.add(guard);
    },
    intact: () => guard.intact,
    destroy: () => {
      router.guards.delete(guard);
      manager.dispose();
      router.live.delete(manager);
    },
  };
}

const IDLE: Pick<Router, "made" | "freed"> = { made: () => undefined, freed: () => false };

const routers = new WeakMap<WebGPUBackend, Router>();

/** Puts itself between a backend and its buffer manager: every buffer goes back to the manager that made it. */
function routerOf(backend: WebGPUBackend): Router {
  const known = routers.get(backend);
  if (known) return known;
  const main = backend.bufferManager;
  const router: Router = { main, current: main, live: new Set([main]), guards: new Set(), ...IDLE };
  const makers = new WeakMap<GPUBuffer, BufferManager>();
  const sum = (count: (manager: BufferManager) => number): number => [...router.live].reduce((all, one) => all + count(one), 0);
  const routed: Pick<BufferManager, keyof BufferManager> = {
    acquireBuffer: (...asked) => {
      const buffer = router.current.acquireBuffer(...asked);
      makers.set(buffer, router.current);
      router.made(buffer);
      return buffer;
    },
    releaseBuffer: (buffer, reuse) => {
      if (router.freed(buffer)) return;
      for (const guard of router.guards) if (guard.others.has(buffer)) guard.intact = false;
      (makers.get(buffer) ?? main).releaseBuffer(buffer, reuse);
    },
    get numBytesUsed() {
      return sum(({ numBytesUsed }) => numBytesUsed);
    },
    get numBytesAllocated() {
      return sum(({ numBytesAllocated }) => numBytesAllocated);
    },
    getNumUsedBuffers: () => sum((manager) => manager.getNumUsedBuffers()),
    getNumFreeBuffers: () => sum((manager) => manager.getNumFreeBuffers()),
    dispose: () => router.live.forEach((manager) => manager.dispose()),
  };
  backend.bufferManager = routed as BufferManager;
  routers.set(backend, router);
  return router;
}
