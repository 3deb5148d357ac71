import type { Machine } from '../../../../src/domain/machine.js';
import { Registration } from '../../../../src/domain/reception.js';
import type { Origin } from '../../../../src/service/engine-loop.js';
import { eventOf } from '../../../../src/service/events/event.js';
import { Journal } from '../../../../src/service/events/journal.js';
import { loadedMachine } from '../../../support/tables/rows.js';

const MACHINE: Machine = { ...loadedMachine(), lastAttempt: 0, enableAt: null };
const ID = { cluster_id: 1, machine_id: 2 };

function asked(command: Origin['command']): Origin {
  return { command, by: command === null ? null : 'alice', reason: 'kernel update', replica: 'single' };
}

describe('the event of an effect', () => {
  it('of a state names the token when the cause is something that a person asks for', () => {
    const effect = { type: 'node_state', machine: MACHINE, from: 'down', to: 'up', cause: 'operator' } as const;
    const event = { kind: 'node_state', ...ID, machine: MACHINE, from: 'down', to: 'up', cause: 'operator' };
    expect(eventOf(effect, asked('set_status'))).toEqual({ ...event, by: 'alice', reason: 'kernel update' });
  });

  it.each(['duration_passed', 'send_failed', 'drain', 'drain_end'] as const)(
    'of a state names no token when the cause is %s, even during a command',
    (cause) => {
      const effect = { type: 'node_state', machine: MACHINE, from: 'up', to: 'down', cause } as const;
      expect(eventOf(effect, asked('set_status'))).toMatchObject({ cause, by: null });
    },
  );

  it('of a drain has the drain before and after', () => {
    const from = { reason: 'new disk', until: null, by: 'bob', since: 0, endsAt: null };
    const effect = { type: 'drain_changed', machine: MACHINE, from, cause: 'operator' } as const;
    const event = { kind: 'drain', ...ID, from, to: null, cause: 'operator', by: 'alice' };
    expect(eventOf(effect, asked('set_status'))).toEqual(event);
  });

  it.each([
    ['load', 'reload'],
    ['put_machine', 'provisioning'],
    ['drain', 'operator'],
    ['address_resolved', 'resolved'],
    ['receive', null],
    [null, null],
  ] as const)('of a machine changed by %s has the cause %s', (command, cause) => {
    const event = eventOf({ type: 'machine_changed', machine: MACHINE }, asked(command));
    expect(event).toEqual({ kind: 'machine_changed', ...ID, machine: MACHINE, cause, by: command && 'alice' });
  });

  it('of a reception names the registration by its number', () => {
    const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 1_000, authCheck: false };
    const registration = new Registration(7, request);
    const effect = { type: 'reception', registration, machineId: 2, from: 'receiving', to: 'disabled' } as const;
    const event = { kind: 'reception', number: 7, module: 'ul', ...ID, from: 'receiving', to: 'disabled' };
    expect(eventOf(effect, asked(null))).toEqual(event);
  });
});

it('the journal gives every event to every subscriber, in order', () => {
  const calls: string[] = [];
  const journal = new Journal([({ kind }) => calls.push(`log ${kind}`), ({ kind }) => calls.push(`history ${kind}`)]);
  journal.report(eventOf({ type: 'machine_added', machine: MACHINE }, asked('load')));
  journal.report(eventOf({ type: 'machine_removed', machine: MACHINE }, asked('load')));
  const [added, removed] = ['machine_added', 'machine_removed'];
  expect(calls).toEqual([`log ${added}`, `history ${added}`, `log ${removed}`, `history ${removed}`]);
});
