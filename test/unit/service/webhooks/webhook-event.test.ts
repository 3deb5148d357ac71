import type { Machine } from '../../../../src/domain/machine.js';
import type { MachineView } from '../../../../src/schemas/machine.js';
import { type ReportedEvent, webhookEvent } from '../../../../src/service/webhooks/webhook-event.js';

const MACHINE = { clusterId: 1, machineId: 2 } as Machine;
const VIEW = { cluster_id: 1, machine_id: 2 } as MachineView;

const of = (event: ReportedEvent) => webhookEvent(event, () => VIEW);
const ID = { cluster_id: 1, machine_id: 2 };

describe('an event for webhooks', () => {
  it('has the state of a machine, and who asked for it, without the reason of the drain', () => {
    const change = { from: 'up', to: 'down', cause: 'operator' } as const;
    expect(of({ kind: 'node_state', ...ID, machine: MACHINE, ...change, by: 'alice', reason: 'kernel' })).toEqual({
      subject: '1/2',
      data: { machine: VIEW, ...change, by: 'alice' },
    });
  });

  it('has the reception of a machine for a module', () => {
    const change = { number: 3, module: 'ul', ...ID, from: 'receiving', to: 'disabled' } as const;
    expect(of({ kind: 'reception', ...change })).toEqual({ subject: '1/2', data: change });
  });

  it('has a drain as the API shows it, without the time of the monotonic clock', () => {
    const drain = { reason: 'kernel', until: null, by: 'alice', since: 1_800_000_000_000, endsAt: null };
    const shown = { reason: 'kernel', until: null, by: 'alice', since: '2027-01-15T08:00:00.000Z' };
    expect(of({ kind: 'drain', ...ID, from: null, to: drain, cause: 'operator', by: 'alice' })).toEqual({
      subject: '1/2',
      data: { ...ID, from: null, to: shown, cause: 'operator', by: 'alice' },
    });
    expect(of({ kind: 'drain', ...ID, from: drain, to: null, cause: 'drain_end', by: null })).toEqual({
      subject: '1/2',
      data: { ...ID, from: shown, to: null, cause: 'drain_end' },
    });
  });

  it('has a tag, which moves between machines, as its subject', () => {
    const tag = {
      tag: 'vip',
      managed: true,
      owner: 3,
      failover: [2],
      after_seconds: 10,
      fence: 4,
      active: [3],
      lost: false,
    };
    const event = { kind: 'tag', ...ID, from: 2, reason: 'failover', by: null, ...tag } as unknown as ReportedEvent;
    expect(of(event)).toEqual({ subject: '1/tag vip', data: { ...ID, from: 2, reason: 'failover', ...tag } });
  });
});
