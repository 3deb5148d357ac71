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
