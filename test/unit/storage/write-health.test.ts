import { WriteHealth } from '../../../src/storage/stores/write-health.js';

test('a database is writable until a write has failed', async () => {
  await expect(new WriteHealth().check()).resolves.toBeUndefined();
});

test('after a failure it is tried, once for all concurrent calls, until a try works', async () => {
  const health = new WriteHealth();
  let tries = 0;
  let full = true;
  health.probeWith(async () => {
    tries++;
    if (full) throw new Error('full');
  });
  health.failed();

  expect(await Promise.allSettled([health.check(), health.check()])).toMatchObject(
    Array(2).fill({ status: 'rejected' }),
  );
  expect(tries).toBe(1);
  full = false;
  await health.check();
  await health.check();
  expect(tries).toBe(2);
});

test('without a probe it stays unwritable until a write works', async () => {
  const health = new WriteHealth();
  health.failed();
  await expect(health.check()).rejects.toThrow('full');
  health.worked();
  await health.check();
});
