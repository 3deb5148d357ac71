import { HandlerQueue } from '../../../src/client/streams/handler-queue.js';

const MIB = 2 ** 20;

/** A queue with what it says of itself. */
function queue() {
  const said: unknown[] = [];
  const it: HandlerQueue = new HandlerQueue({
    failed: (error) => said.push(error),
    filled: () => said.push(it.full ? 'full' : 'room'),
  });
  return { it, said };
}

/** A handler that runs until it is told to end. */
function handler() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => ended, end, ended };
}

describe('a queue of handlers', () => {
  it('calls the next one when the one before has ended, and none before it is open', async () => {
    const { it: calls } = queue();
    const order: string[] = [];
    const slow = handler();
    calls.push(0, () => {
      order.push('first begins');
      return slow.run().then(() => order.push('first ends'));
    });
    calls.push(0, () => order.push('second'));
    expect(order).toEqual([]);
    calls.open();
    expect(order).toEqual(['first begins']);
    slow.end();
    await new Promise<void>((resolve) => calls.push(0, resolve));
    expect(order).toEqual(['first begins', 'first ends', 'second']);
  });

  it('goes on behind a handler that throws or rejects, and tells of both', async () => {
    const { it: calls, said } = queue();
    calls.open();
    calls.push(0, () => {
      throw new Error('thrown');
    });
    calls.push(0, () => Promise.reject(new Error('rejected')));
    await new Promise<void>((resolve) => calls.push(0, resolve));
    expect(said).toEqual([new Error('thrown'), new Error('rejected')]);
  });

  it('runs on when it had run empty', async () => {
    const { it: calls } = queue();
    calls.open();
    for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => calls.push(0, resolve));
  });

  it('is full at 4 MiB, has room when half of that is gone, and takes no more than 8 MiB', async () => {
    const { it: calls, said } = queue();
    const slow = Array.from({ length: 8 }, handler);
    for (const one of slow) calls.push(MIB, one.run);
    expect([said, calls.overfull]).toEqual([['full'], true]);
    calls.open();
    for (const [i, one] of slow.entries()) {
      one.end();
      await one.ended;
      await new Promise((resolve) => setImmediate(resolve));
      expect([calls.full, calls.overfull]).toEqual([i < 6, false]);
    }
    expect(said).toEqual(['full', 'room']);
  });

  it('calls nothing more once it is stopped, and waits for what runs', async () => {
    const { it: calls } = queue();
    const order: string[] = [];
    const slow = handler();
    calls.open();
    calls.push(0, () => slow.run().then(() => order.push('ended')));
    calls.push(0, () => order.push('never'));
    const stopped = calls.stop().then(() => order.push('stopped'));
    calls.push(0, () => order.push('never'));
    slow.end();
    await stopped;
    expect(order).toEqual(['ended', 'stopped']);
  });

  it('lets others have their turn while handlers that never wait keep it busy', async () => {
    const { it: calls } = queue();
    let turns = 0;
    const others = setInterval(() => turns++, 1);
    calls.open();
    for (let i = 0; i < 20; i++) {
      calls.push(0, () => {
        for (const end = performance.now() + 5; performance.now() < end; );
      });
    }
    await new Promise<void>((resolve) => calls.push(0, resolve));
    clearInterval(others);
    expect(turns).toBeGreaterThan(1);
  });
});
