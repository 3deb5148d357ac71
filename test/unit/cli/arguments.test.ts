import { duration, time } from '../../../src/cli/arguments.js';

describe('a duration', () => {
  it.each([
    ['90s', 90],
    ['30m', 1_800],
    ['1h30m', 5_400],
    ['2d', 172_800],
    ['1d1h1m1s', 90_061],
  ])('%s is %d seconds', (text, seconds) => {
    expect(duration(text)).toBe(seconds * 1000);
  });

  it.each(['', '30', 'm', '1.5h', '-1m', '30m1h', '123456d', '1m ', '0s', '0h0m'])('is not %j', (text) => {
    expect(() => duration(text)).toThrow(/90s, 30m|longer than zero/);
  });
});

describe('a time', () => {
  it.each(['2026-11-22T18:00:00Z', '2026-11-22t18:00:00.5+01:00', '2026-11-22 18:00:00z'])('is %s', (text) => {
    expect(time(text)).toBe(text);
  });

  it.each(['tomorrow', '2026-11-22', '2026-11-22T18:00:00', '2026-13-22T18:00:00Z', '1795333003'])(
    'is not %s',
    (text) => {
      expect(() => time(text)).toThrow('2026-11-22T18:00:00Z');
    },
  );
});
