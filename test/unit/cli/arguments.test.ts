import { duration } from '../../../src/cli/arguments.js';

describe('a length of time', () => {
  it.each([
    ['90s', 90],
    ['30m', 1_800],
    ['1h30m', 5_400],
    ['2d', 172_800],
    ['1d1h1m1s', 90_061],
  ])('%s is %d seconds', (text, seconds) => {
    expect(duration(text)).toBe(seconds * 1000);
  });

  it.each(['', '30', 'm', '1.5h', '-1m', '30m1h', '123456d', '1m '])('is not %j', (text) => {
    expect(() => duration(text)).toThrow('90s, 30m');
  });
});
