import type { Clock } from './ports.js';

/** Resolves with the result of the work, or with undefined after `ms`; the work continues then. */
export async function withTimeout<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  let cancel = () => {};
  const timeout = new Promise<undefined>((resolve) => {
    cancel = clock.after(ms, () => resolve(undefined));
  });
  return Promise.race([work, timeout]).finally(() => cancel());
}
