import type { Clock } from './ports.js';

/** Returns the result of the work, or undefined after `ms` milliseconds; the work continues. */
export async function withTimeout<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  let cancel = () => {};
  const timeout = new Promise<undefined>((resolve) => {
    cancel = clock.after(ms, () => resolve(undefined));
  });
  return Promise.race([work, timeout]).finally(() => cancel());
}
