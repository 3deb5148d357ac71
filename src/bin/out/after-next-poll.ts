import { PacedJobs } from './paced-jobs.js';

let waiting: (() => void)[] = [];

const polled = new PacedJobs();

/**
 * Calls `run` after the event loop has polled the sockets once more, so that a FIN that has already arrived is read before we write
 * to a closed connection. The first immediate may run before that poll, the second cannot.
 * All calls in one iteration of the event loop share the immediates, because one packet goes to many machines.
 */
export function afterNextPoll(run: () => void): void {
  waiting.push(run);
  if (waiting.length > 1) return;
  setImmediate(() => {
    const due = waiting;
    waiting = [];
    setImmediate(() => {
      for (const one of due) polled.add(one);
      polled.work();
    });
  });
}
