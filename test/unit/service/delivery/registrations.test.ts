import { Engine } from '../../../../src/domain/engine.js';
import { ServiceError } from '../../../../src/ground/errors.js';
import { RegistrationCalls } from '../../../../src/service/delivery/registration-calls.js';
import type { Subscriber } from '../../../../src/service/delivery/registration-log.js';
import { Registrations } from '../../../../src/service/delivery/registrations.js';
import { EngineLoop } from '../../../../src/service/engine-loop.js';
import { ALONE } from '../../../../src/service/leadership.js';
import type { CommandLog, Entry, LoggedCommand } from '../../../../src/service/log/command-log.js';
import type { EndCause, RegistrationCommand } from '../../../../src/service/log/registration-command.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';
import { functionCalls } from '../../../support/engine/function-calls.js';
import { loadedMachine } from '../../../support/tables/rows.js';

const UL = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 1_000, authCheck: false };
const SUBSCRIBER: Subscriber = {
  isClosed: false,
  appended: () => {},
  follow: () => {},
  unfollow: () => {},
  replaced: () => {},
};
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const MOST = 100_000;
const LIMITS = { replayBytes: 10_000, replayTotalBytes: 100_000 };

function registering(replaySeconds = 30) {
  const clock = new FakeClock();
  const ended: (EndCause | null)[] = [];
  const effects: string[] = [];
  const onEffect: { run: () => void } = { run: () => {} };
  const loop = new EngineLoop(new Engine(0), clock, (effect) => {
    effects.push(effect.type);
    onEffect.run();
  });
  const options = { ...LIMITS, replaySeconds };
  const onChange = (_: unknown, cause: EndCause | null) => ended.push(cause);
  const registrations = new Registrations(loop, { clock, log: LOG, leadership: ALONE }, options, onChange, () => {});
  const requests = new RegistrationCalls(loop, registrations, MOST, 'epoch');
  return { clock, loop, registrations, requests, ended, effects, onEffect };
}

/** Those of replica b. `behind`: entries that come before the next one of b. What b posts does not come back. */
function replicated() {
  const clock = new FakeClock();
  const behind: LoggedCommand[] = [];
  let position = 0;
  let isFree: Promise<void> = Promise.resolve();
  let apply: (entry: Entry) => unknown = () => null;
  const applyFrom = (replica: string, command: LoggedCommand) =>
    apply({ position: ++position, now: clock.now(), replica, by: null, reason: null, command });
  const log: CommandLog = {
    epoch: 'epoch',
    append: async (command) => {
      await isFree;
      for (const before of behind.splice(0)) applyFrom('b', before);
      applyFrom('b', command);
    },
    post: () => {},
    subscribe: (take) => {
      apply = take;
    },
  };
  const loop = new EngineLoop(new Engine(0), clock, () => {}, log);
  const leadership = { replica: 'b', isReplica: true, isLeading: false };
  const ports = { clock, log: LOG, leadership };
  const options = { ...LIMITS, replaySeconds: 30 };
  const ignore = () => {};
  const registrations = new Registrations(loop, ports, options, ignore, ignore);
  /** Entries wait until the returned function is called. */
  const later = () => {
    let free = () => {};
    isFree = new Promise((resolve) => {
      free = resolve;
    });
    return free;
  };
  const requests = new RegistrationCalls(loop, registrations, MOST, 'epoch');
  return { registrations, requests, behind, applyFrom, later };
}

describe('registrations', () => {
  it('end at a cost that does not depend on their number in the same module and cluster', async () => {
    const callsToEnd = async (count: number) => {
      const { registrations, requests } = registering();
      const made = Array.from({ length: count }, () => requests.register(UL, null, SUBSCRIBER));
      const logs = await Promise.all(made);
      return functionCalls(() => {
        for (const log of logs.slice(0, 10)) registrations.abandon(log);
      });
    };
    const calls = await callsToEnd(20);
    expect(calls).toBeGreaterThan(10);
    expect(await callsToEnd(2_000)).toBe(calls);
  });

  it.each(['abandon', 'release'] as const)('may lose their socket before the response (%s)', async (close) => {
    const { registrations, requests } = registering();
    const subscriber = { ...SUBSCRIBER, isClosed: false };
    const response = requests.register(UL, null, subscriber);
    const [log] = registrations.all;
    if (log === undefined) throw new Error('the registration is not made');
    subscriber.isClosed = true;
    registrations[close](log);
    expect(await response).toBe(log);
    expect([...registrations.all]).toEqual(close === 'abandon' ? [] : [log]);
    expect(log.subscriber).toBeNull();
  });

  it('are found only by the subscriber that carries them', async () => {
    const { registrations, requests } = registering();
    const made = Array.from({ length: 100 }, () => requests.register(UL, null, SUBSCRIBER));
    const other = { ...SUBSCRIBER };
    for (const log of await Promise.all(made)) {
      expect(registrations.carriedBy(SUBSCRIBER, log.id)).toBe(log);
      expect(registrations.carriedBy(other, log.id)).toBeUndefined();
    }
  });

  it('do not end at the end of a grace period when a resume came before it in the log', async () => {
    const { loop, registrations, requests, ended } = registering();
    const log = await requests.register(UL, null, SUBSCRIBER);
    registrations.release(log);
    const expire = (carries: number) => loop.apply({ type: 'registration', id: log.id, change: 'expire', carries });
    await requests.resume({ registration: log.id, epoch: 'epoch', seq: 0 }, UL, null, SUBSCRIBER);
    expire(1);
    expect([ended, log.holder]).toEqual([[null], 'single']);
    registrations.release(log);
    expire(1);
    expect([ended, log.holder]).toEqual([[null], null]);
    expire(2);
    expect([ended, log.holder]).toEqual([[null, 'expired'], null]);
  });

  it('stay with the socket that resumed them when the release of the socket before comes later in the log', async () => {
    const { loop, requests } = registering();
    const other = { ...SUBSCRIBER, replaced: jest.fn() };
    const log = await requests.register(UL, null, other);
    await requests.resume({ registration: log.id, epoch: 'epoch', seq: 0 }, UL, null, SUBSCRIBER);
    expect(other.replaced).toHaveBeenCalledWith(log);
    loop.apply({ type: 'registration', id: log.id, change: 'release', carries: 1 });
    expect([log.holder, log.subscriber]).toEqual(['single', SUBSCRIBER]);
  });

  it('stay with a socket that is open when the others took its replica for dead, until it closes', async () => {
    const { loop, registrations, requests, ended } = registering();
    const log = await requests.register(UL, null, SUBSCRIBER);
    loop.apply({ type: 'registration', id: log.id, change: 'release', carries: 1 });
    expect([log.holder, log.subscriber]).toEqual(['single', SUBSCRIBER]);
    registrations.release(log);
    expect([log.holder, ended]).toEqual([null, [null]]);
    loop.apply({ type: 'registration', id: log.id, change: 'expire', carries: 1 });
    expect(ended).toEqual([null, 'expired']);
  });

  it('begin their grace period when their socket closed before the log had taken them', async () => {
    const { requests } = registering();
    const log = await requests.register(UL, null, { ...SUBSCRIBER, isClosed: true });
    expect([log.holder, log.subscriber]).toEqual([null, null]);
  });

  it('end with the process, where no other one knows them', async () => {
    const { registrations, requests, ended } = registering();
    await requests.register(UL, null, SUBSCRIBER);
    registrations.stop();
    expect([ended, [...registrations.all]]).toEqual([[null, 'stop'], []]);
  });

  it('begin their grace period when their call had failed before the log took them', async () => {
    const taken: LoggedCommand[] = [];
    const log: CommandLog = {
      epoch: 'epoch',
      append: async (command) => {
        taken.push(command);
        throw new ServiceError('log_unavailable', 'The log is away.');
      },
      post: (command) => taken.push(command),
      subscribe: () => {},
    };
    const clock = new FakeClock();
    const loop = new EngineLoop(new Engine(0), clock, () => {}, log);
    const leadership = { replica: 'a', isReplica: true, isLeading: false };
    const ports = { clock, log: LOG, leadership };
    const registrations = new Registrations(
      loop,
      ports,
      { ...LIMITS, replaySeconds: 30 },
      () => {},
      () => {},
    );
    const requests = new RegistrationCalls(loop, registrations, MOST, 'epoch');
    await expect(requests.register(UL, null, SUBSCRIBER)).rejects.toThrow('The log is away.');
    for (const [position, command] of taken.entries()) {
      const entry: Entry = { position, now: clock.now(), replica: 'a', by: null, reason: null, command };
      loop.changeRegistration?.(command as RegistrationCommand, entry);
    }
    const [one] = [...registrations.all];
    expect([taken.length, one?.holder, one?.subscriber]).toEqual([2, null, null]);
  });

  it('are resumed at a replica that knows them only after the entries that its client has from another one', async () => {
    const { requests, behind } = replicated();
    behind.push({ type: 'registration', id: 'made-elsewhere', change: 'create', owner: null, request: UL });
    const resume = { registration: 'made-elsewhere', epoch: 'epoch', seq: 0 };
    const found = await requests.resume(resume, UL, null, SUBSCRIBER);
    expect(found).toMatchObject({ id: 'made-elsewhere', holder: 'b', subscriber: SUBSCRIBER });
    const unknown = await requests.resume({ ...resume, registration: 'unknown' }, UL, null, SUBSCRIBER);
    expect(unknown).toEqual({ reason: 'unknown', missed: null });
    const ahead = await requests.resume({ ...resume, seq: 1 }, UL, null, SUBSCRIBER);
    expect(ahead).toEqual({ reason: 'mismatch', missed: null });
  });

  it('go to the last of two sockets that resume them while the log is slow', async () => {
    const { requests, later } = replicated();
    const log = await requests.register(UL, null, SUBSCRIBER);
    const resume = { registration: log.id, epoch: 'epoch', seq: 0 };
    const [first, second] = [{ ...SUBSCRIBER }, { ...SUBSCRIBER, replaced: jest.fn() }];
    const continues = later();
    const resumed = [first, second].map((socket) => requests.resume(resume, UL, null, socket));
    continues();
    expect(await Promise.all(resumed)).toEqual([{ reason: 'unknown', missed: null }, log]);
    expect([log.subscriber, second.replaced.mock.calls]).toEqual([second, []]);
  });

  it.each(['expired', 'overflow'] as const)(
    'that end elsewhere while their socket is open (%s) close it, so that its client notices',
    async (cause) => {
      const { registrations, requests, applyFrom } = replicated();
      const replaced = jest.fn();
      const log = await requests.register(UL, null, { ...SUBSCRIBER, replaced });
      if (cause === 'expired') {
        applyFrom('a', { type: 'registration', id: log.id, change: 'release', carries: 1 });
        applyFrom('a', { type: 'registration', id: log.id, change: 'expire', carries: 1 });
      } else {
        applyFrom('a', { type: 'registration', id: log.id, change: 'end', cause });
      }
      expect([replaced.mock.calls, [...registrations.all]]).toEqual([[[log]], []]);
    },
  );

  it('keep what was sent for a time that does not count while the log was away', async () => {
    const { clock, loop, registrations, requests } = registering(30);
    const log = await requests.register(UL, null, SUBSCRIBER);
    registrations.append(log.registration.number, { type: 'up', machineId: 2 }, clock.now().monotonicMs);
    log.sentSeq = 1;
    clock.spend(60_000);
    loop.apply({ type: 'interruption', ms: 60_000 });
    clock.advance(29_000);
    expect(log.covers(0)).toBe(true);
    clock.advance(20_000);
    expect(log.covers(0)).toBe(false);
  });

  it('with a grace period of 0 end after the effects of the command that closed their socket', async () => {
    const { clock, loop, registrations, requests, ended, effects, onEffect } = registering(0);
    const log = await requests.register(UL, null, SUBSCRIBER);
    onEffect.run = () => registrations.release(log);
    const machines = [loadedMachine({ machineId: 2 }), loadedMachine({ machineId: 3 })];
    loop.apply({ type: 'load', machines, keepChanged: false });
    expect([effects.length > 1, ended]).toEqual([true, [null]]);
    clock.advance(0);
    expect(ended).toEqual([null, 'expired']);
  });
});
