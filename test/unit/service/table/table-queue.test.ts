import { DatabaseUnavailable } from '../../../../src/ground/errors.js';
import { TableQueue } from '../../../../src/service/table/table-queue.js';

/** Work that the test ends. */
function held() {
  let resolve: (value: string) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<string>((...settle) => {
    [resolve, reject] = settle;
  });
  return { work: () => promise, resolve, reject };
}

it('begins work when everything before it has ended', async () => {
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

it('rejects only the work that fails, and goes on', async () => {
  const queue = new TableQueue();
  const failing = held();
  const failed = queue.run(failing.work);
  const next = queue.run(async () => 'done');
  failing.reject(new Error('away'));
  await expect(failed).rejects.toThrow('away');
  expect(await next).toBe('done');
});

describe('work queued by ask', () => {
  const away = new DatabaseUnavailable('The database is unavailable.', undefined, true);

  it('fails at once when the database was found unavailable while it waited; later work and writes begin', async () => {
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

  it('begins when the database only refused the work before it', async () => {
    const queue = new TableQueue();
    const failing = held();
    const failed = queue.ask(failing.work);
    const next = queue.ask(async () => 'done');
    failing.reject(new DatabaseUnavailable('Permission denied.'));
    await expect(failed).rejects.toThrow('Permission denied.');
    expect(await next).toBe('done');
  });
});
