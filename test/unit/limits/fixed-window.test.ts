import { FixedWindowLimiter } from '../../../src/limits/fixed-window.js';

test('each client has its own limit in a window, and starts at zero in the next', () => {
  const limiter = new FixedWindowLimiter(2, 1_000);
  expect([5_000, 5_400, 5_999].map((at) => limiter.take(at, 'a'))).toEqual([true, true, false]);
  expect([limiter.isFull(5_999, 'a'), limiter.isFull(5_999, 'b'), limiter.take(5_999, 'b')]).toEqual([
    true,
    false,
    true,
  ]);
  expect([limiter.isFull(6_000, 'a'), limiter.take(6_000, 'a')]).toEqual([false, true]);
});

test('a window starts with its first event', () => {
  const limiter = new FixedWindowLimiter(2, 1_000);
  const taken = [0, 999, 999.9, 1000, 1500, 1999, 2000].map((at) => limiter.take(at));
  expect(taken).toEqual([true, true, false, true, true, false, true]);
});

test('the rest of a window is given in whole seconds, at least one', () => {
  const limiter = new FixedWindowLimiter(1, 60_000);
  limiter.take(0);
  expect([0, 1, 58_999, 59_001, 59_999].map((now) => limiter.retryAfterSeconds(now))).toEqual([60, 60, 2, 1, 1]);
});
