import { TableQueue } from '../../../src/service/table-queue.js';

/** Work that ends when the test says so. */
function held() {
  let resolve: (value: string) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<string>((...settle) => {
    [resolve, reject] = settle;
  });
  return { work: () => promise, resolve, reject };
}

it('begins work only when all before it has ended', async () => {
  const queue = new TableQueue();
  const first = held();
  const order: string[] = [];
  const results = [
    queue.run(first.work),
    queue.run(async () => {
      order.push('second begins');
      return 'two';
    }),
  ];
  await Promise.resolve();
  order.push('first ends');
  first.resolve('one');
  expect(await Promise.all(results)).toEqual(['one', 'two']);
  expect(order).toEqual(['first ends', 'second begins']);
});

it('tells a failure to who asked for that work only, and goes on', async () => {
  const queue = new TableQueue();
  const failing = held();
  const failed = queue.run(failing.work);
  const next = queue.run(async () => 'done');
  failing.reject(new Error('away'));
  await expect(failed).rejects.toThrow('away');
  expect(await next).toBe('done');
});
