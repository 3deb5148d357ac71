import { performance } from 'node:perf_hooks';

/** Long enough for the start to be over. */
const AFTER_START_MS = 2_000;

/** An idle thread works for a smaller part of its time. */
const IDLE_UTILIZATION = 0.05;

/**
 * Frees the garbage of the start, about 35 MB, if the thread is idle after it. V8 collects only on allocation, and an idle service allocates almost
 * nothing. The collection takes about 100 ms, which would make packets late; a thread that works collects by itself. A Node built without the
 * inspector skips it.
 */
export function collectGarbageIfIdle(): void {
  const before = performance.eventLoopUtilization();
  setTimeout(() => {
    if (performance.eventLoopUtilization(before).utilization < IDLE_UTILIZATION) void collectGarbage();
  }, AFTER_START_MS).unref();
}

async function collectGarbage(): Promise<void> {
  const inspector = await import('node:inspector').catch(() => null);
  if (inspector === null) return;
  // Opens no port. The `gc` of --expose-gc does not shrink the space for new objects; this does.
  const session = new inspector.Session();
  session.connect();
  await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()));
  // Not inside the callback of `post`: Node 20 then no longer receives signals.
  setImmediate(() => session.disconnect());
}
