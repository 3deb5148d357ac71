import { Tally } from '../../../src/limits/fixed-window.js';

test('a client may have so much in a span of time, others as much beside it, and again in the next span', () => {
  const tally = new Tally(2, 1_000);
  expect([tally.add('a', 5_000), tally.add('a', 5_400), tally.add('a', 5_999)]).toEqual([true, true, false]);
  expect([tally.isFull('a', 5_999), tally.isFull('b', 5_999), tally.add('b', 5_999)]).toEqual([true, false, true]);
  expect([tally.isFull('a', 6_000), tally.add('a', 6_000)]).toEqual([false, true]);
});

test('what is left of a span is told in whole seconds, at least one', () => {
  const tally = new Tally(1, 60_000);
  tally.add('a', 0);
  expect([0, 1, 58_999, 59_001, 59_999].map((now) => tally.secondsLeft(now))).toEqual([60, 60, 2, 1, 1]);
});
