import { NameRetries } from '../../../../src/service/table/name-retries.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';

/** Runs everything that waits for promises, but no timers. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function start() {
  const clock = new FakeClock();
  const asked: { host: string; at: number; end: () => void }[] = [];
  const lookUp = (host: string) =>
    new Promise<void>((end) => asked.push({ host, at: clock.now().monotonicMs - 1_000_000, end }));
  return { clock, asked, retries: new NameRetries(clock, lookUp) };
}

describe('a name without an address', () => {
  it('is looked up at intervals that grow to 30 s', async () => {
    const { clock, asked, retries } = start();
    expect(retries.add('dead.example')).toBe(true);
    expect(retries.add('dead.example')).toBe(false);
    for (let second = 0; second < 150; second++) {
      clock.advance(1_000);
      asked.at(-1)?.end();
      await settle();
    }
    expect(asked.map(({ at }) => at)).toEqual([2_000, 6_000, 14_000, 30_000, 60_000, 90_000, 120_000, 150_000]);
  });

  it('waits until the lookup of another name has ended', async () => {
    const { clock, asked, retries } = start();
    for (const host of ['one.example', 'two.example']) retries.add(host);
    clock.advance(60_000);
    await settle();
    expect(asked.map(({ host }) => host)).toEqual(['one.example']);
    asked[0]?.end();
    await settle();
    clock.advance(0);
    expect(asked.map(({ host }) => host)).toEqual(['one.example', 'two.example']);
  });

  it('is no longer looked up when no machine has it', async () => {
    const { clock, asked, retries } = start();
    for (const host of ['one.example', 'two.example', 'three.example']) retries.add(host);
    retries.keepOnly(new Set(['two.example', 'three.example']));
    retries.drop('two.example');
    clock.advance(2_000);
    expect(asked.map(({ host }) => host)).toEqual(['three.example']);
    retries.stop();
    asked[0]?.end();
    await settle();
    clock.advance(60_000);
    expect(asked).toHaveLength(1);
  });
});
