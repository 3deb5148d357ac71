/** Long enough for the start to be over: the collection would stop what is still under way. */
const AFTER_START_MS = 2_000;

/**
 * Frees the garbage of the start, about 35 MB, soon. V8 collects only on allocation, and an idle service allocates almost nothing.
 * It takes about 100 ms, once. A Node built without the inspector skips it.
 */
export function collectGarbageSoon(): void {
  setTimeout(() => void collectGarbage(), AFTER_START_MS).unref();
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
