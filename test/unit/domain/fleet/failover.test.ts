import { movesInARow, waitMs } from '../../../../src/domain/fleet/failover.js';
import { NO_WISH } from '../../../../src/domain/fleet/managed-tag.js';

const MINUTE = 60_000;

describe('the wait before a failover', () => {
  const wish = { ...NO_WISH, owner: 2, afterMs: 10_000, since: 1_000 * MINUTE };

  it('doubles with each failover in a row', () => {
    const lostAt = wish.since + MINUTE;
    const waits = [0, 1, 2, 3].map((moves) => waitMs({ ...wish, moves }, lostAt));
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000]);
  });

  it('is the first again when the owner had the tag for ten minutes', () => {
    const moved = { ...wish, moves: 3 };
    expect(movesInARow(moved, wish.since + 10 * MINUTE - 1)).toBe(3);
    expect(movesInARow(moved, wish.since + 10 * MINUTE)).toBe(0);
    expect(waitMs(moved, wish.since + 10 * MINUTE)).toBe(10_000);
  });

  it('stays a number after any number of failovers', () => {
    expect(waitMs({ ...wish, moves: 5_000 }, wish.since)).toBe(10_000 * 2 ** 20);
  });
});
