import { Rate } from '../../../src/limits/rate.js';

test('so many messages may come in a second, which begins with its first', () => {
  const rate = new Rate(2);
  expect([0, 999, 999.9, 1000, 1500, 1999, 2000].map((at) => rate.take(at))).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
    true,
  ]);
});
