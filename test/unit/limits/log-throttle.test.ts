import { LogThrottle } from '../../../src/limits/log-throttle.js';

test('each key writes one line a second, and the next line says how many were suppressed', () => {
  let now = 50_000;
  const throttle = new LogThrottle(() => now);
  const lines: string[] = [];
  const log = (key: string) => throttle.log(key, (suppressed) => lines.push(`${key} ${suppressed}`));
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

test('the first line of a key is always written, however many keys there are', () => {
  let now = 0;
  const throttle = new LogThrottle(() => now);
  const written = jest.fn();
  for (let key = 0; key < 5000; key++) {
    now += 10;
    throttle.log(String(key), written);
    throttle.log(String(key), written);
  }
  expect(written).toHaveBeenCalledTimes(5000);
});
