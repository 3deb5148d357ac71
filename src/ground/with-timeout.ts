import type { Clock } from './ports.js';

/** What the work answers, or undefined when it takes longer than `ms`; it goes on all the same. */
export async function withTimeout<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  let cancel = () => {};
  const tooLate = new Promise<undefined>((resolve) => {
    cancel = clock.after(ms, () => resolve(undefined));
  });
  return Promise.race([work, tooLate]).finally(() => cancel());
}
