import { DatabaseUnavailable } from '../../../../src/ground/errors.js';
import { TableQueue } from '../../../../src/service/table/table-queue.js';

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

describe('work that is asked for', () => {
  const away = new DatabaseUnavailable('It is away.', undefined, true);

  it('is not begun when the database was found away while it waited; later work is, and so is a write', async () => {
    const queue = new TableQueue();
    const failing = held();
    const order: string[] = [];
    const note = (what: string) => async () => order.push(what);
    const outcomes = [
      queue.run(failing.work),
      queue.ask(note('waited')),
      queue.run(note('write')),
      queue.ask(note('waited too')),
    ];
    failing.reject(away);
    const settled = await Promise.allSettled(outcomes);
    expect(settled.map((one) => (one.status === 'rejected' ? one.reason : 'done'))).toEqual([away, away, 'done', away]);
    await queue.ask(note('later'));
    expect(order).toEqual(['write', 'later']);
  });

  it('is begun when the database refused only what went before', async () => {
    const queue = new TableQueue();
    const failing = held();
    const failed = queue.ask(failing.work);
    const next = queue.ask(async () => 'done');
    failing.reject(new DatabaseUnavailable('This user may not.'));
    await expect(failed).rejects.toThrow('This user may not.');
    expect(await next).toBe('done');
  });
});
