import { beginDrain, type Drain, resumeDrain } from '../../../src/domain/drain.js';

/** 5 seconds after the start. */
const NOW = { monotonicMs: 5000, unixMs: 1_700_000_000_000 };
const SINCE = NOW.unixMs - 60_000;
const BEFORE: Drain = { reason: 'kernel', until: NOW.unixMs + 30_000, by: 'alice', since: SINCE, endsAt: 36_000 };

describe('a requested drain', () => {
  test.each([
    { shows: 'ends at its time', until: NOW.unixMs + 250, endsAt: 5250 },
    { shows: 'ends at once if its time is past', until: NOW.unixMs - 1, endsAt: 5000 },
    { shows: 'never ends without a time', until: null, endsAt: null },
  ])('$shows', ({ until, endsAt }) => {
    const request = { reason: 'disk', until, by: 'bob' };
    expect(beginDrain(request, BEFORE, NOW)).toEqual({ ...request, since: NOW.unixMs, endsAt });
  });

  it('is the one in force if it is the same', () => {
    const { reason, until, by } = BEFORE;
    expect(beginDrain({ reason, until, by }, BEFORE, NOW)).toBe(BEFORE);
  });

  test.each([{ reason: null }, { until: null }, { by: 'bob' }])('is new with another %j', (other) => {
    expect(beginDrain({ ...BEFORE, ...other }, BEFORE, NOW)).toMatchObject({ ...other, since: NOW.unixMs });
  });
});

describe('a loaded drain', () => {
  it('keeps the end of the same drain in memory, whatever the wall clock', () => {
    const { reason, until, by, since } = BEFORE;
    expect(resumeDrain({ reason, until, by, since }, BEFORE, { ...NOW, unixMs: NOW.unixMs + 1e9 })).toBe(BEFORE);
  });

  test.each([
    { shows: 'the rest of its time', until: NOW.unixMs + 9000, endsAt: 14_000 },
    { shows: 'nothing if it is past', until: NOW.unixMs - 9000, endsAt: 5000 },
  ])('otherwise has $shows by the wall clock', ({ until, endsAt }) => {
    expect(resumeDrain({ ...BEFORE, until, since: SINCE - 1 }, BEFORE, NOW).endsAt).toBe(endsAt);
    expect(resumeDrain({ ...BEFORE, until }, null, NOW).endsAt).toBe(endsAt);
  });
});
