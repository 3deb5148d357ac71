import { stopInOrder } from '../../../src/process/stop-order.js';

/** Parts that note their end. `failing` rejects. */
function parts(failing: string | null, isReplica: boolean) {
  const ended: string[] = [];
  const end = (name: string) => async () => {
    ended.push(name);
    if (name === failing) throw new Error(name);
  };
  const closable = (name: string) => ({ close: end(name) });
  const service = { endFleets: end('fleets'), stop: end('service'), provisioner: { settled: end('calls') } };
  const given = {
    ready: { stop: () => void ended.push('ready') },
    routes: closable('routes'),
    listeners: closable('listeners'),
    sender: closable('sender'),
    service,
    store: closable('store'),
    replica: isReplica ? { stop: end('replica') } : null,
  };
  return { ended, given: given as unknown as Parameters<typeof stopInOrder>[0] };
}

const ALONE = ['ready', 'fleets', 'listeners', 'sender', 'calls', 'routes', 'service', 'store'];

describe('a stop', () => {
  it.each([
    [false, ALONE],
    [true, ['ready', 'listeners', 'calls', 'routes', 'service', 'replica', 'sender', 'store']],
  ])('ends the parts in order (replica: %s)', async (isReplica, order) => {
    const { ended, given } = parts(null, isReplica);
    await stopInOrder(given);
    expect(ended).toEqual(order);
  });

  it.each(ALONE.slice(1))('ends all others when one fails, and fails then (%s)', async (failing) => {
    const { ended, given } = parts(failing, false);
    await expect(stopInOrder(given)).rejects.toThrow(failing);
    expect(ended).toEqual(ALONE);
  });
});
