import { Capabilities } from '../../../../src/domain/fleet/capabilities.js';
import { numberAlike, refined } from '../../../../src/domain/fleet/families.js';
import { byPreference, nextHops } from '../../../../src/domain/fleet/routing.js';
import { memberMismatch, neighbourAt } from '../../../../src/domain/fleet/source-check.js';
import type { Family } from '../../../../src/wire/cluster/family.js';
import { SYNCABLE } from '../../../../src/wire/modules/sync.js';
import { FleetNetwork, fleetOptions, member } from '../../../support/fleet/network.js';

describe('the family of a machine', () => {
  test.each<[Family | null, Family, Family]>([
    [null, 'C1', 'C1'],
    ['C1', 'C2', 'C1'],
    ['E', 'D2', 'E'],
    ['D2', 'E', 'D2'],
    ['C2', 'C3', 'C3'],
    ['C3', 'E', 'E'],
    ['D1', 'E', 'E'],
    ['E', 'D1', 'D1'],
  ])('%s, told %s, is %s', (known, told, expected) => {
    expect(refined(known, told)).toBe(expected);
  });

  it('has old numbers up to C3', () => {
    expect([numberAlike('C1', 'C3'), numberAlike('C3', 'D1'), numberAlike('D1', 'E')]).toEqual([true, false, true]);
  });
});

/** `1-2` is a link from 1 to 2; the own id is 0. */
function hops(links: string, priorities: Record<number, number> = {}): string {
  const told = new Set(links.split(' '));
  const ids = [1, 2, 3, 4].map((machineId) => ({ machineId, priority: priorities[machineId] ?? 50 }));
  const found = nextHops(
    ids.sort(byPreference),
    (id) => told.has(`0-${id}`),
    (from, to) => told.has(`${from}-${to}`),
  );
  return [...found]
    .map(([id, hop]) => `${id}:${hop}`)
    .sort()
    .join(' ');
}

describe('the next hop', () => {
  test.each<[string, string, Record<number, number>, string]>([
    ['is the machine itself if its link is up', '0-1 0-2 1-2', {}, '1:1 2:2'],
    ['is the neighbour that reaches it', '0-1 1-2 2-3', {}, '1:1 2:1 3:1'],
    ['does not exist without a way', '0-1 2-1', {}, '1:1'],
    ['is on the shortest way', '0-1 0-2 1-3 3-4 2-4', {}, '1:1 2:2 3:1 4:2'],
    ['of equal ways has the lower id', '0-1 0-2 1-3 2-3', {}, '1:1 2:2 3:1'],
    ['of equal ways has the lower priority', '0-1 0-2 1-3 2-3', { 2: 10 }, '1:1 2:2 3:2'],
  ])('%s', (_, links, priorities, expected) => {
    expect(hops(links, priorities)).toBe(expected);
  });
});

describe('the source of a packet', () => {
  const members = [member(2), member(3), member(4, { ips: ['10.0.0.3', '10.0.0.4'] })];

  test.each([
    ['passes from the address of its origin', 2, '10.0.0.2', null],
    ['passes from the address of another machine, which routed it', 2, '10.0.0.3', null],
    ['fails from any other address', 2, '10.0.0.9', 'ip'],
    ['fails with an unknown origin', 9, '10.0.0.2', 'machine_id'],
  ])('%s', (_, origin, ip, expected) => {
    expect(memberMismatch(members, origin, ip)).toBe(expected);
  });

  test.each([
    ['is the origin where it has the address', 4, '10.0.0.3', 4],
    ['is the only machine with the address', 3, '10.0.0.2', 2],
    ['is unknown where several have it', 2, '10.0.0.3', null],
    ['is unknown where none has it', 2, '10.0.0.9', null],
  ])('%s', (_, origin, ip, expected) => {
    expect(neighbourAt(members, origin, ip)).toBe(expected);
  });
});

describe('capabilities', () => {
  it('keep what a machine told of itself, and names that are no longer listed', () => {
    const capabilities = new Capabilities();
    const told = (origin: number, name: string, isSynced: boolean) =>
      capabilities.hear(origin, [{ machineId: 2, capabilities: [{ name, isSynced }] }]);
    expect(told(3, 'presence', false)).toEqual([
      { machineId: 2, name: 'presence', from: null, to: false, isFirst: true },
    ]);
    expect(told(2, 'presence', true)).toEqual([
      { machineId: 2, name: 'presence', from: false, to: true, isFirst: false },
    ]);
    expect(told(3, 'presence', false)).toEqual([]);
    expect(told(2, 'pua', false)).toEqual([{ machineId: 2, name: 'pua', from: null, to: false, isFirst: false }]);
    expect([...capabilities.of(2)]).toEqual([
      ['presence', true],
      ['pua', false],
    ]);
  });

  it('are bounded for each machine', () => {
    const capabilities = new Capabilities();
    const many = Array.from({ length: 200 }, (_, i) => ({ name: `module-${i}`, isSynced: false }));
    expect(capabilities.hear(2, [{ machineId: 2, capabilities: many }])).toHaveLength(128);
    expect([...capabilities.of(2)]).toHaveLength(128);
  });
});

describe('a sync', () => {
  it('is never requested of a capability that has none', () => {
    const network = new FleetNetwork();
    network.add(
      fleetOptions(1, { remembered: { sequences: new Map(), families: new Map([[2, 'E']]), wishes: new Map() } }),
    );
    const now = { monotonicMs: 0, unixMs: 0 };
    const answers = ['ratelimit-pipe-repl', 'tm-repl', 'pua', 'dialog-prof-repl', 'presence'].map((capability) => {
      let isStarted = false;
      network.act(1, now, (fleet, at, out) => {
        isStarted = fleet.requestSync(capability, 1, at, out);
      });
      return isStarted;
    });
    expect(answers).toEqual([false, false, false, false, true]);
    expect(SYNCABLE).not.toContain('ratelimit-pipe-repl');
  });
});
