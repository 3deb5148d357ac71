import { HandlerQueue } from '../../../src/client/streams/handler-queue.js';

const MIB = 2 ** 20;

/** A queue, and the events that it reports. */
function queue() {
  const events: unknown[] = [];
  const it: HandlerQueue = new HandlerQueue({
    failed: (error) => events.push(error),
    fullChanged: () => events.push(it.full ? 'full' : 'room'),
  });
  return { it, events };
}

/** A handler that runs until `end` is called. `began` resolves when it is called. */
function handler() {
  let [begin, end] = [() => {}, () => {}];
  const began = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = () => {
    begin();
    return ended;
  };
  return { run, began, end, ended };
}

describe('the handler queue', () => {
  it('calls handlers one at a time, and none before it is open', async () => {
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

  it('goes on after a handler that throws or rejects, and reports both', async () => {
    const { it: calls, events } = queue();
    calls.open();
    calls.push(0, () => {
      throw new Error('thrown');
    });
    calls.push(0, () => Promise.reject(new Error('rejected')));
    await new Promise<void>((resolve) => calls.push(0, resolve));
    expect(events).toEqual([new Error('thrown'), new Error('rejected')]);
  });

  it('goes on after it was empty', async () => {
    const { it: calls } = queue();
    calls.open();
    for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => calls.push(0, resolve));
  });

  it('is full at 4 MiB, has room again at half of that, and takes no more than 8 MiB', async () => {
    const { it: calls, events } = queue();
    const slow = Array.from({ length: 8 }, handler);
    for (const one of slow) calls.push(MIB, one.run);
    expect([events, calls.overfull]).toEqual([['full'], true]);
    calls.open();
    for (const [i, one] of slow.entries()) {
      one.end();
      await one.ended;
      // The next one begins when this one is done, in a later turn on a slow machine.
      await (slow[i + 1]?.began ?? new Promise((resolve) => setImmediate(resolve)));
      expect([calls.full, calls.overfull]).toEqual([i < 6, false]);
    }
    expect(events).toEqual(['full', 'room']);
  });

  it('calls no handler after it is stopped, and waits for the one that runs', async () => {
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

  it('does not block the event loop with handlers that never wait', async () => {
    const { it: calls } = queue();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    calls.open();
    for (let i = 0; i < 20; i++) {
      calls.push(0, () => {
        for (const end = performance.now() + 5; performance.now() < end; );
      });
    }
    await new Promise<void>((resolve) => calls.push(0, resolve));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
  });
});
