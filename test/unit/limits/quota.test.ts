import { ConcurrencyQuota } from '../../../src/limits/quota.js';

test('a client gets units up to the limit, and another after it releases one', () => {
  const quota = new ConcurrencyQuota(2);
  expect([quota.acquire('a'), quota.acquire('a'), quota.acquire('a')]).toEqual([true, true, false]);
  expect([quota.isFull('a'), quota.isFull('b'), quota.acquire('b')]).toEqual([true, false, true]);
  quota.release('a');
  expect([quota.isFull('a'), quota.acquire('a'), quota.acquire('a')]).toEqual([false, true, false]);
});
