import { setImmediate as turn } from 'node:timers/promises';
import { PacedJobs } from '../../../src/bin/out/paced-jobs.js';

/** Keeps the event loop for longer than a slice. */
function longJob(): void {
  const began = performance.now();
  while (performance.now() - began < 1.5);
}

describe('paced jobs', () => {
  it('run in order, in a later turn', async () => {
    const jobs = new PacedJobs();
    const ran: number[] = [];
    for (const i of [1, 2, 3]) jobs.add(() => ran.push(i));
    expect(ran).toEqual([]);
    while (ran.length < 3) await turn();
    expect(ran).toEqual([1, 2, 3]);
  });

  it('run at once when asked to', () => {
    const jobs = new PacedJobs();
    const ran: number[] = [];
    jobs.add(() => ran.push(1));
    jobs.work();
    expect(ran).toEqual([1]);
  });

  it('let the event loop turn when they take long, and all run', async () => {
    const jobs = new PacedJobs();
    const ran: number[] = [];
    for (const i of [1, 2, 3]) {
      jobs.add(() => {
        longJob();
        ran.push(i);
      });
    }
    jobs.work();
    expect(ran).toEqual([1]);
    jobs.add(() => ran.push(4));
    while (ran.length < 4) await turn();
    expect(ran).toEqual([1, 2, 3, 4]);
  });
});
