/**
 * Gives back what a start has used and nobody needs any more, some 35 MB: V8 collects only when something is allocated, and an idle service
 * allocates next to nothing. It takes about a tenth of a second, once. Where Node was built without its inspector nothing happens.
 */
export async function collectGarbage(): Promise<void> {
  const inspector = await import('node:inspector').catch(() => null);
  if (inspector === null) return;
  // No port is opened. Only this way makes V8 smaller: the `gc` of --expose-gc leaves the space for new objects as large as it has become.
  const session = new inspector.Session();
  session.connect();
  await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()));
  // Not while V8 still answers: Node 20 then hears no signal any more.
  setImmediate(() => session.disconnect());
}
