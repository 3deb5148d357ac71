import { LogClock } from '../../../src/nats/log-clock.js';
import type { Publisher } from '../../../src/nats/publisher.js';
import { ReplicatedLog } from '../../../src/nats/replicated-log.js';
import type { Entry } from '../../../src/service/log/command-log.js';
import { FakeClock } from '../../support/engine/fake-clock.js';

const LARGEST = 1_000;

/** A log whose publisher takes parts of a thousand bytes. `store` brings them back as one message of that time. */
function start() {
  const clock = new FakeClock();
  const parts: Buffer[] = [];
  const publisher = {
    incarnationId: 'we',
    refusal: (part: Buffer) => (part.length > LARGEST ? new RangeError('too large') : null),
    publish: async (part: Buffer) => parts.push(part),
  } as unknown as Publisher;
  const logClock = new LogClock(clock);
  const checkpoints: number[] = [];
  const events = {
    leaderChanged: () => {},
    checkpoint: (position: number) => checkpoints.push(position),
    refused: () => {},
  };
  const log = new ReplicatedLog('epoch', 'one', publisher, logClock, () => true, events);
  let seq = 0;
  const store = (timeMs: number) =>
    log.deliver({ seq: ++seq, timeMs, incarnation: 'we', n: seq, parts: parts.splice(0) });
  return { clock, logClock, log, store, checkpoints };
}

describe('a log that replicas share', () => {
  it('gives each caller the reply to its own command, also after one that was too large', async () => {
    const { log, store } = start();
    log.subscribe(({ command }: Entry) => (command.type === 'sync' ? command.number : null));
    const module = 'm'.repeat(LARGEST);
    const request = { module, protocol: 'bin', clusterId: 1, timeoutMs: 0, authCheck: false };
    const large = { type: 'registration' as const, id: 'a', change: 'create' as const, owner: null, request };
    const refused = log.append(large, null, null);
    log.post(large);
    const [one, two] = [1, 2].map((number) => log.append({ type: 'sync', number }, null, null));
    await expect(refused).rejects.toThrow('too large');
    store(1_000);
    expect(await Promise.all([one, two])).toEqual([1, 2]);
  });

  it('asks for a checkpoint after the whole message, because a replica that joins from it begins with the next one', () => {
    const { log, store, checkpoints } = start();
    const applied: (readonly [type: string, checkpoints: number])[] = [];
    log.subscribe(({ command }: Entry) => applied.push([command.type, checkpoints.length]));
    log.post({ type: 'checkpoint' });
    log.post({ type: 'sync', number: 1 });
    store(1_000);
    expect([applied, checkpoints]).toEqual([[['sync', 0]], [1]]);
  });

  it('tells the engine of a pause in which nothing could be appended', () => {
    const { log, store } = start();
    const applied: unknown[] = [];
    log.subscribe(({ command }: Entry) => applied.push(command));
    for (const timeMs of [1_000, 4_000, 64_000.7]) {
      log.post({ type: 'sync', number: timeMs });
      store(timeMs);
    }
    expect(applied).toEqual([
      { type: 'sync', number: 1_000 },
      { type: 'sync', number: 4_000 },
      { type: 'interruption', ms: 60_000 },
      { type: 'sync', number: 64_000.7 },
    ]);
  });

  it('has a time that never goes back, although another leader of the stream may have a clock that is behind', () => {
    const { logClock, log, store } = start();
    const times: number[] = [];
    log.subscribe(({ now }: Entry) => times.push(now.unixMs));
    for (const timeMs of [5_000, 4_900, 5_100]) {
      log.post({ type: 'sync', number: 1 });
      store(timeMs);
      expect(log.timeMs).toBe(logClock.now().unixMs);
    }
    expect(times).toEqual([5_000, 5_000, 5_100]);
  });

  it('has a clock that stands still while nothing can be appended', () => {
    const { clock, logClock, log, store } = start();
    log.subscribe(() => null);
    store(1_000);
    const later = (ms: number) => {
      clock.spend(ms);
      return logClock.now().unixMs;
    };
    expect([later(2_000), later(1_000), later(60_000)]).toEqual([3_000, 4_000, 4_000]);
    store(64_000);
    expect(later(1)).toBe(64_001);
  });

  it('has a clock that stands still while a message is applied, so that all replicas do the same at the same time', async () => {
    const { clock, logClock, log, store } = start();
    const times: number[] = [];
    log.subscribe(() => {
      clock.spend(7);
      times.push(logClock.now().unixMs);
    });
    const replies = [1, 2].map((number) => log.append({ type: 'sync', number }, null, null));
    store(1_000.5);
    await Promise.all(replies);
    expect(times).toEqual([1_000, 1_000]);
    expect(logClock.now().unixMs).toBe(1_014);
  });
});
