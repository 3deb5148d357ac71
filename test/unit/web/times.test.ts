import { Rates, READINGS, rateWords } from '../../../src/web/state/rates.js';
import { lengthOf, localInput, timeOf } from '../../../src/web/words/times.js';

test.each([
  [-3, '0 s'],
  [0.2, '1 s'],
  [119, '119 s'],
  [120, '2 min'],
  [3_599, '1 h'],
  [12_000, '3 h 20 min'],
  [172_800, '2 days'],
])('%s seconds are %s', (seconds, words) => {
  expect(lengthOf(seconds)).toBe(words);
});

test('a time of today is shown as a time, one of another day with its date', () => {
  const at = new Date(2026, 10, 21, 12, 54, 7).getTime();
  expect(timeOf(at, at + 60_000)).toBe('12:54:07');
  expect(timeOf(at, at + 86_400_000)).toMatch(/21/);
});

test('a datetime-local field has the local time, to the minute', () => {
  expect(localInput(new Date(2026, 10, 21, 9, 5, 59).getTime())).toBe('2026-11-21T09:05');
});

describe('a rate', () => {
  it('is known from the second reading on', () => {
    const rates = new Rates();
    expect(rates.read('a', 100, 1_000)).toBeNull();
    expect(rates.read('b', 7, 1_000)).toBeNull();
    expect(rates.read('a', 150, 3_000)).toBe(25);
    expect([rates.latest('a'), rates.latest('b'), rates.latest('c')]).toEqual([25, null, null]);
  });

  it('is unknown after the counter was reset, or the readings were interrupted', () => {
    const rates = new Rates();
    rates.read('a', 100, 1_000);
    expect(rates.read('a', 3, 2_000)).toBeNull();
    expect(rates.read('a', 4, 3_000)).toBe(1);
    rates.clear();
    expect(rates.read('a', 5, 4_000)).toBeNull();
  });

  it.each([
    [null, '–'],
    [0, '0/s'],
    [0.42, '0.4/s'],
    [9.97, '10/s'],
    [1_234, '1234/s'],
    [12_345, '12 k/s'],
  ])('of %s is %s', (rate, words) => {
    expect(rateWords(rate)).toBe(words);
  });
});

test('the latest rates are those of ten minutes', () => {
  const rates = new Rates();
  for (let i = 0; i <= READINGS + 5; i++) rates.read('a', i * i, i * 1_000);
  expect(rates.latestOf('a')).toHaveLength(READINGS);
  expect(rates.latestOf('a').at(-1)).toBe(2 * (READINGS + 5) - 1);
  expect(rates.latestOf('b')).toEqual([]);
});
