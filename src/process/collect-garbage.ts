import { performance } from 'node:perf_hooks';

/** After a start, and between two looks whether the thread is idle: long enough for the start to be over. */
const INTERVAL_MS = 2_000;

/** An idle thread works for a smaller part of its time. */
const IDLE_UTILIZATION = 0.05;

/**
 * Frees the garbage of the start, about 35 MB, as soon as the thread is idle. V8 collects only on allocation, and an idle service allocates almost
 * nothing. It takes about 100 ms, once, which would make packets late; a busy thread collects by itself. A Node built without the inspector skips it.
 */
export function collectGarbageWhenIdle(): void {
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    if (utilization > IDLE_UTILIZATION) return;
    clearInterval(timer);
    void collectGarbage();
  }, INTERVAL_MS).unref();
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
