import type { LinkState } from '../../../../src/domain/fleet/link.js';
import { FleetEvents } from '../../../../src/service/events/fleet-events.js';

const ID = { clusterId: 1, machineId: 2 };

/** Where each link of the way settles: what it was before, or null. */
function settled(...way: LinkState[]) {
  const events = new FleetEvents();
  let from: LinkState = 'down';
  return way.map((to) => {
    const event = events.of({ type: 'link', ...ID, from, to });
    from = to;
    return event?.kind === 'link' ? event.settledFrom : undefined;
  });
}

describe('a link', () => {
  it('settles when it comes up and when it goes down', () => {
    expect(settled('probing', 'up', 'probing', 'down')).toEqual([null, 'down', null, 'up']);
  });

  it('does not settle when a probe ends as it began', () => {
    expect(settled('probing', 'down', 'probing', 'down')).toEqual([null, null, null, null]);
    expect(settled('up', 'probing', 'up')).toEqual(['down', null, null]);
  });
});

describe('the event of a fleet', () => {
  const events = new FleetEvents();

  it('of a capability has states as words, and null before the first', () => {
    const effect = { type: 'capability', ...ID, name: 'dialog-dlg-repl', isFirst: false } as const;
    const event = { kind: 'capability', cluster_id: 1, machine_id: 2, name: 'dialog-dlg-repl', isFirst: false };
    expect(events.of({ ...effect, from: null, to: false })).toEqual({ ...event, from: null, to: 'not_synced' });
    expect(events.of({ ...effect, from: false, to: true })).toEqual({ ...event, from: 'not_synced', to: 'synced' });
  });

  it('of a message says who sent it, and whether it is a reply', () => {
    const routed = { clusterId: 1, origin: 2, destination: 9 };
    const message = { ...routed, type: 'generic', isRequest: false, tag: 'a', message: 'hello' } as const;
    const event = { kind: 'message', cluster_id: 1, machine_id: 2, reply: true, tag: 'a', message: 'hello' };
    expect(events.of({ type: 'message', clusterId: 1, message })).toEqual(event);
  });

  it('is none for what machines tell each other of tags', () => {
    const message = { clusterId: 1, origin: 2, destination: 9, type: 'tag_active', tag: 'vip' } as const;
    expect(events.of({ type: 'message', clusterId: 1, message })).toBeNull();
  });

  it('of a drop names its origin and the reason', () => {
    const event = { kind: 'fleet_fault', cluster_id: 1, machine_id: 4, reason: 'no_route' };
    expect(events.of({ type: 'fault', clusterId: 1, reason: 'no_route', origin: 4 })).toEqual(event);
  });
});
