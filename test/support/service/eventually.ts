import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the condition holds. Between two questions it leaves the processor to who is asked. The time-out of the test ends it. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}
