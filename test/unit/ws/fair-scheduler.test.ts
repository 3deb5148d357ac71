import { FairScheduler } from '../../../src/ws/fair-scheduler.js';

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** The budgets that this many sockets get in one round. */
async function budgets(sockets: number): Promise<Set<number>> {
  const scheduler = new FairScheduler();
  const seen: number[] = [];
  for (let i = 0; i < sockets; i++) scheduler.schedule({ flush: (budget) => seen.push(budget) });
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toHaveLength(sockets);
  return new Set(seen);
}

describe('the fair scheduler', () => {
  test.each([
    [1, 16 * MIB],
    [16, MIB],
    [64, 256 * KIB],
    [10_000, 64 * KIB],
  ])('gives each of %i sockets a budget of %i bytes', async (sockets, bytes) => {
    expect(await budgets(sockets)).toEqual(new Set([bytes]));
  });

  it('flushes a socket once in a round, however often it is scheduled, and again only when it is scheduled again', async () => {
    const scheduler = new FairScheduler();
    let flushes = 0;
    const socket = {
      flush: () => {
        flushes++;
        if (flushes === 1) scheduler.schedule(socket);
      },
    };
    scheduler.schedule(socket);
    scheduler.schedule(socket);
    await new Promise((resolve) => setImmediate(resolve));
    expect(flushes).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(flushes).toBe(2);
  });
});
