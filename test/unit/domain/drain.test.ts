import { beginDrain, type Drain, resumeDrain } from '../../../src/domain/drain.js';

/** 5 seconds after the start. */
const NOW = { monotonicMs: 5000, unixMs: 1_700_000_000_000 };
const SINCE = NOW.unixMs - 60_000;
const BEFORE: Drain = { reason: 'kernel', until: NOW.unixMs + 30_000, by: 'alice', since: SINCE, endsAt: 36_000 };

describe('a drain that is asked for', () => {
  test.each([
    { shows: 'ends when its time is there', until: NOW.unixMs + 250, endsAt: 5250 },
    { shows: 'ends at once when its time is over', until: NOW.unixMs - 1, endsAt: 5000 },
    { shows: 'never ends by itself without a time', until: null, endsAt: null },
  ])('$shows', ({ until, endsAt }) => {
    const request = { reason: 'disk', until, by: 'bob' };
    expect(beginDrain(request, BEFORE, NOW)).toEqual({ ...request, since: NOW.unixMs, endsAt });
  });

  it('is the one in force when it is the same again', () => {
    const { reason, until, by } = BEFORE;
    expect(beginDrain({ reason, until, by }, BEFORE, NOW)).toBe(BEFORE);
  });

  test.each([{ reason: null }, { until: null }, { by: 'bob' }])('begins anew with another %j', (other) => {
    expect(beginDrain({ ...BEFORE, ...other }, BEFORE, NOW)).toMatchObject({ ...other, since: NOW.unixMs });
  });
});

describe('a drain that a load brings', () => {
  it('keeps the end of the same drain in memory, which the wall clock does not move', () => {
    const { reason, until, by, since } = BEFORE;
    expect(resumeDrain({ reason, until, by, since }, BEFORE, { ...NOW, unixMs: NOW.unixMs + 1e9 })).toBe(BEFORE);
  });

  test.each([
    { shows: 'what remains of it', until: NOW.unixMs + 9000, endsAt: 14_000 },
    { shows: 'nothing when it is over', until: NOW.unixMs - 9000, endsAt: 5000 },
  ])('has $shows by the wall clock', ({ until, endsAt }) => {
    expect(resumeDrain({ ...BEFORE, until, since: SINCE - 1 }, BEFORE, NOW).endsAt).toBe(endsAt);
    expect(resumeDrain({ ...BEFORE, until }, null, NOW).endsAt).toBe(endsAt);
  });
});
