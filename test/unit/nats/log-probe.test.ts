import { LogProbe } from '../../../src/nats/log-probe.js';
import { hasQuorum } from '../../../src/nats/quorum.js';
import { FakeClock } from '../../support/engine/fake-clock.js';

const peer = (activeMs: number, offline = false) => ({
  name: 'peer',
  current: true,
  offline,
  active: activeMs * 1e6,
  lag: 0,
});

describe('the servers of a stream', () => {
  it('keep it while its leader hears most of them', () => {
    const isKept = (...replicas: ReturnType<typeof peer>[]) =>
      hasQuorum({ cluster: { name: 'c', leader: 'a', replicas } });
    expect([isKept(), isKept(peer(10), peer(20)), isKept(peer(10), peer(60_000))]).toEqual([true, true, true]);
    expect([isKept(peer(4_000), peer(60_000)), isKept(peer(10, true), peer(10, true))]).toEqual([false, false]);
    expect(hasQuorum({})).toBe(true);
  });
});

describe('a replica to which the log brings nothing', () => {
  function silent() {
    const clock = new FakeClock();
    const asked: ((isKept: boolean | Promise<boolean>) => void)[] = [];
    const probe = new LogProbe(clock, { isKept: () => new Promise((resolve) => asked.push(resolve)) });
    return { clock, asked, probe };
  }

  it('asks whether the log is kept, and knows it is away when nobody answers', async () => {
    const { clock, asked, probe } = silent();
    await probe.run(7);
    expect(asked).toHaveLength(0);
    const asking = probe.run(7);
    await probe.run(7);
    expect(asked).toHaveLength(1);
    clock.advance(1_000);
    await asking;
    expect(probe.isAway).toBe(true);
    const again = probe.run(7);
    asked[1]?.(true);
    await again;
    expect(probe.isAway).toBe(false);
  });

  it('knows that it is there when something comes', async () => {
    const { asked, probe } = silent();
    await probe.run(7);
    const asking = probe.run(7);
    asked[0]?.(Promise.reject(new Error('no responders')));
    await asking;
    expect(probe.isAway).toBe(true);
    await probe.run(8);
    expect(probe.isAway).toBe(false);
  });
});
