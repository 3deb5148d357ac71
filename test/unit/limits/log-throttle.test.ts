import { LogLimit } from '../../../src/limits/log-throttle.js';

test('a line a second is written for each key, which tells how many were held back', () => {
  let now = 50_000;
  const limit = new LogLimit(() => now);
  const lines: string[] = [];
  const log = (key: string) => limit.log(key, (suppressed) => lines.push(`${key} ${suppressed}`));
  for (let i = 0; i < 10; i++) log('a');
  log('b');
  now = 50_999;
  log('a');
  expect(lines).toEqual(['a 0', 'b 0']);
  now = 51_000;
  log('a');
  log('a');
  log('b');
  expect(lines).toEqual(['a 0', 'b 0', 'a 10', 'b 0']);
});

test('a new key is never held back, however many there have been', () => {
  let now = 0;
  const limit = new LogLimit(() => now);
  const written = jest.fn();
  for (let key = 0; key < 5000; key++) {
    now += 10;
    limit.log(String(key), written);
    limit.log(String(key), written);
  }
  expect(written).toHaveBeenCalledTimes(5000);
});
