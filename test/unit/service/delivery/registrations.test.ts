import { Engine } from '../../../../src/domain/engine.js';
import type { Subscriber } from '../../../../src/service/delivery/registration-log.js';
import { Registrations } from '../../../../src/service/delivery/registrations.js';
import { EngineLoop } from '../../../../src/service/engine-loop.js';
import type { EndCause } from '../../../../src/service/log/registration-command.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';
import { functionCalls } from '../../../support/engine/function-calls.js';
import { loadedMachine } from '../../../support/tables/rows.js';

const UL = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 1_000, authCheck: false };
const SUBSCRIBER: Subscriber = { appended: () => {}, unfollow: () => {}, replaced: () => {} };
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const LIMITS = { replayBytes: 10_000, replayTotalBytes: 100_000, maxRegistrations: 100_000 };

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
  const registrations = new Registrations(loop, { clock, log: LOG }, options, 'epoch', onChange, () => {});
  return { clock, loop, registrations, ended, effects, onEffect };
}

describe('registrations', () => {
  it('end at a cost that does not depend on their number in the same module and cluster', () => {
    const callsToEnd = (count: number) => {
      const { registrations } = registering();
      const logs = Array.from({ length: count }, () => registrations.register(UL, null, SUBSCRIBER));
      return functionCalls(() => {
        for (const log of logs.slice(0, 10)) registrations.unregister(log);
      });
    };
    const calls = callsToEnd(20);
    expect(calls).toBeGreaterThan(10);
    expect(callsToEnd(2_000)).toBe(calls);
  });

  it('are found only by the subscriber that carries them', () => {
    const { registrations } = registering();
    const logs = Array.from({ length: 100 }, () => registrations.register(UL, null, SUBSCRIBER));
    const other = { ...SUBSCRIBER };
    for (const log of logs) {
      expect(registrations.carriedBy(SUBSCRIBER, log.id)).toBe(log);
      expect(registrations.carriedBy(other, log.id)).toBeUndefined();
    }
  });

  it('do not end at the end of a grace period when a resume came before it in the log', () => {
    const { loop, registrations, ended } = registering();
    const log = registrations.register(UL, null, SUBSCRIBER);
    const expire = () => loop.apply({ type: 'registration', id: log.id, change: 'end', cause: 'expired' });
    registrations.release(log);
    registrations.resume({ registration: log.id, epoch: 'epoch', seq: 0 }, UL, null, SUBSCRIBER);
    expire();
    expect([ended, log.holder]).toEqual([[null], 'single']);
    registrations.release(log);
    expire();
    expect([ended, log.holder]).toEqual([[null, 'expired'], null]);
  });

  it('with a grace period of 0 end after the effects of the command that closed their socket', () => {
    const { clock, loop, registrations, ended, effects, onEffect } = registering(0);
    const log = registrations.register(UL, null, SUBSCRIBER);
    onEffect.run = () => registrations.release(log);
    const machines = [loadedMachine({ machineId: 2 }), loadedMachine({ machineId: 3 })];
    loop.apply({ type: 'load', machines, keepChanged: false });
    expect([effects.length > 1, ended]).toEqual([true, [null]]);
    clock.advance(0);
    expect(ended).toEqual([null, 'expired']);
  });
});
