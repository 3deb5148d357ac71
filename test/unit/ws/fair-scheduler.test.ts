import { Turns } from '../../../src/ws/fair-scheduler.js';

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** What each of so many senders may send in a turn of all. */
async function shares(senders: number): Promise<Set<number>> {
  const turns = new Turns();
  const seen: number[] = [];
  for (let i = 0; i < senders; i++) turns.ask({ pump: (mostBytes) => seen.push(mostBytes) });
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toHaveLength(senders);
  return new Set(seen);
}

describe('turns', () => {
  test.each([
    [1, 16 * MIB],
    [16, MIB],
    [64, 256 * KIB],
    [10_000, 64 * KIB],
  ])('give each of %i senders a share of %i bytes', async (senders, bytes) => {
    expect(await shares(senders)).toEqual(new Set([bytes]));
  });

  it('give a sender one turn, however often it asks, and the next one only when it asks again', async () => {
    const turns = new Turns();
    let sent = 0;
    const sender = {
      pump: () => {
        sent++;
        if (sent === 1) turns.ask(sender);
      },
    };
    turns.ask(sender);
    turns.ask(sender);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBe(2);
  });
});
