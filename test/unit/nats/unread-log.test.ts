import { UnreadLog } from '../../../src/nats/unread-log.js';
import { FakeClock } from '../../support/engine/fake-clock.js';

describe('a replica', () => {
  const clock = new FakeClock();
  let [stored, position] = [0, 0];
  let unread: UnreadLog;

  beforeEach(() => {
    [stored, position] = [0, 0];
    unread = new UnreadLog(
      clock,
      () => stored,
      () => position,
    );
  });

  function checkAfter(ms: number): boolean {
    clock.advance(ms);
    return unread.check();
  }

  it('misses its message when the log has had it for five seconds, until it comes', () => {
    stored = 7;
    position = 6;
    expect([checkAfter(0), checkAfter(4_999), checkAfter(1), checkAfter(1_000)]).toEqual([false, false, true, true]);
    position = 7;
    expect([checkAfter(100), checkAfter(60_000)]).toEqual([false, false]);
  });

  it('misses nothing while it reads what it wrote, however much follows', () => {
    for (let seq = 1; seq <= 100; seq++) {
      [stored, position] = [seq + 50, seq];
      expect(checkAfter(90)).toBe(false);
    }
  });

  it('misses nothing that it did not write', () => {
    expect([checkAfter(0), checkAfter(60_000)]).toEqual([false, false]);
  });
});
