import type { Command } from '../../../src/domain/commands.js';
import { Memory, type Remembered } from '../../../src/domain/memory.js';
import { FleetEngine, fleetMachine, OWN_ID } from '../../support/engine/fleet-engine.js';

const MACHINE = { clusterId: 1, machineId: 2 };
const OWN_ROW = fleetMachine({ machineId: OWN_ID });
const PONG = { type: 'pong', machineIds: [] } as const;
const DOWN: Command = { type: 'set_status', status: 'down', cause: 'operator', ...MACHINE };
const DESCRIPTION = {
  type: 'node_description',
  description: { url: 'bin:10.0.1.2:5566', sipAddress: 'sip:a', priority: 7, pingRetries: 2 },
  path: [2],
} as const;

/** What changes or is sent; without counted attempts, routes and what is to be remembered. */
function deeds(effects: readonly string[]): string[] {
  return effects.filter((text) => /^(node_state|drain_changed|machine_|row_changed|link|->|disconnect)/.test(text));
}

/** A member whose link to machine 2 is up. */
function linked(): FleetEngine {
  const member = new FleetEngine();
  member.begin();
  member.hear(PONG);
  return member;
}

/** A member of cluster 1 without a table. */
function joined(remembered = new Map<number, Remembered>()): FleetEngine {
  const member = new FleetEngine({ joins: new Map([[1, ['bin:10.0.1.5:5566']]]), advertiseUrl: 'bin:10.0.1.9:5566' });
  member.apply({ type: 'begin_fleets', remembered });
  return member;
}

describe('a machine of a cluster of dialect 2.4', () => {
  it('has no peer before the service is a member, and is pinged from then on', () => {
    const member = new FleetEngine();
    expect(deeds(member.load([OWN_ROW, fleetMachine()]))).toEqual(['machine_added 1/2 up']);
    expect(member.engine.table.cell(1, 2)?.peer).toBeNull();
    expect(deeds(member.apply({ type: 'begin_fleets', remembered: new Map() }))).toEqual([
      'link 2 down -> probing',
      '-> 2 ping wants_ids',
    ]);
    expect(member.engine.table.cell(1, 2)?.peer?.link.state).toBe('probing');
  });

  it('is pinged whichever row comes first', () => {
    for (const rows of [
      [OWN_ROW, fleetMachine()],
      [fleetMachine(), OWN_ROW],
    ]) {
      const member = new FleetEngine();
      member.apply({ type: 'begin_fleets', remembered: new Map() });
      expect(deeds(member.load(rows))).toContain('-> 2 ping wants_ids');
    }
  });

  it('has a failed attempt for each unanswered ping, and is disabled by the one that reaches the limit', () => {
    const member = new FleetEngine();
    member.begin();
    expect(deeds(member.pass(1000))).toEqual(['-> 2 ping wants_ids']);
    expect(member.state()).toBe('1/2 up no_tries=1 last_attempt=1000001');
    expect(deeds(member.pass(1999))).toEqual(['-> 2 ping wants_ids']);
    expect(member.state()).toBe('1/2 up no_tries=2 last_attempt=1000002');
    expect(deeds(member.pass(1))).toEqual([
      'node_state 1/2 up -> temp_disabled (ping_failed)',
      'link 2 probing -> down',
    ]);
    expect(member.state()).toBe('1/2 temp_disabled no_tries=3 last_attempt=1000003 enable_at=63000');
  });

  it('stays disabled however often it is asked again, counts no more attempts, and shows when it is asked next', () => {
    const member = new FleetEngine();
    member.begin();
    member.pass(3000);
    for (const next of [63_000 + 63_000, 2 * 63_000 + 63_000]) {
      member.pass(63_000);
      expect(member.state()).toBe(`1/2 temp_disabled no_tries=3 last_attempt=1000003 enable_at=${next}`);
    }
  });

  it('is up when it answers', () => {
    const member = new FleetEngine();
    member.begin();
    member.pass(3000 + 60_000);
    expect(deeds(member.hear(PONG))).toEqual(
      expect.arrayContaining(['node_state 1/2 temp_disabled -> up (link_up)', 'link 2 probing -> up']),
    );
    expect(member.state()).toBe('1/2 up no_tries=0 last_attempt=1000003');
  });

  it('has no tries after an answer below the limit', () => {
    const member = new FleetEngine();
    member.begin();
    member.pass(1000);
    member.hear(PONG);
    expect(member.state()).toBe('1/2 up no_tries=0 last_attempt=1000001');
  });

  it('that is set down is not pinged, and gets nothing until it is set up', () => {
    const member = linked();
    expect(deeds(member.apply(DOWN))).toEqual([
      'node_state 1/2 up -> down (operator)',
      'row_changed',
      'link 2 up -> down',
    ]);
    expect(member.pass(600_000)).toEqual([]);
    expect(member.hear({ type: 'ping', wantsIds: false })).toEqual(['fault machine_disabled origin=2']);
    expect(deeds(member.apply({ ...DOWN, status: 'up' }))).toEqual([
      'node_state 1/2 down -> up (operator)',
      'row_changed',
      'link 2 down -> probing',
      '-> 2 ping wants_ids',
    ]);
  });

  it('that is provisioned down is not pinged, and gets nothing until it is provisioned up', () => {
    const member = linked();
    const put = (status: 'up' | 'down') =>
      deeds(member.apply({ type: 'put_machine', machine: fleetMachine(), status }));
    expect(put('down')).toEqual(['node_state 1/2 up -> down (provisioning)', 'row_changed', 'link 2 up -> down']);
    expect(member.pass(600_000)).toEqual([]);
    expect(member.hear({ type: 'ping', wantsIds: false })).toEqual(['fault machine_disabled origin=2']);
    expect(put('up').slice(-2)).toEqual(['link 2 down -> probing', '-> 2 ping wants_ids']);
  });

  it('that is new and provisioned down is never pinged', () => {
    const member = new FleetEngine();
    member.begin([]);
    const put = deeds(member.apply({ type: 'put_machine', machine: fleetMachine(), status: 'down' }));
    expect(put).toEqual(['machine_added 1/2 up', 'node_state 1/2 up -> down (provisioning)', 'row_changed']);
    expect(member.pass(600_000)).toEqual([]);
  });

  const again = [
    { shows: 'set up by an operator', command: { ...DOWN, status: 'up' } },
    { shows: 'provisioned up', command: { type: 'put_machine', machine: fleetMachine(), status: 'up' } },
    {
      shows: 'resolved to a new address by a reload',
      command: {
        type: 'load',
        machines: [OWN_ROW, fleetMachine({ ip: '10.0.1.3', ips: ['10.0.1.3'] })],
        keepChanged: false,
      },
    },
  ] as const;

  it.each(again)(
    'that pings had disabled is pinged at once when it is $shows, and counts attempts again',
    ({ command }) => {
      const member = new FleetEngine();
      member.begin();
      member.pass(10_000);
      expect(member.state()).toMatch(/^1\/2 temp_disabled /);
      expect(deeds(member.apply(command)).slice(-2)).toEqual(['link 2 down -> probing', '-> 2 ping wants_ids']);
      expect(member.state()).toMatch(/^1\/2 up no_tries=0 /);
      member.pass(1000);
      expect(member.state()).toMatch(/^1\/2 up no_tries=1 /);
      expect(deeds(member.pass(2000))).toContain('node_state 1/2 up -> temp_disabled (ping_failed)');
      expect(deeds(member.apply({ ...DOWN, status: 'up' }))).toContain('-> 2 ping wants_ids');
    },
  );

  it('that pings had disabled is not pinged when it is set up while the own node is disabled', () => {
    const member = new FleetEngine();
    member.begin();
    member.pass(10_000);
    member.apply({ type: 'set_own_enabled', clusterId: 1, isEnabled: false });
    member.apply({ ...DOWN, status: 'up' });
    expect(member.pass(600_000)).toEqual([]);
    member.apply({ type: 'set_own_enabled', clusterId: 1, isEnabled: true });
    expect(deeds(member.pass(3000))).toContain('node_state 1/2 up -> temp_disabled (ping_failed)');
  });

  it('that is drained is pinged again when the drain ends', () => {
    const member = linked();
    const until = member.now.unixMs + 5000;
    const drain = member.apply({ type: 'drain', ...MACHINE, reason: 'disks', until, by: 'op' });
    expect(drain).toContain('link 2 up -> down');
    expect(member.pass(4999)).toEqual([]);
    expect(deeds(member.pass(1)).slice(-3)).toEqual(['row_changed', 'link 2 down -> probing', '-> 2 ping wants_ids']);
    expect(member.state()).toMatch(/^1\/2 up/);
  });

  it('is asked after a send that failed; that alone is no failed attempt', () => {
    const member = linked();
    expect(deeds(member.apply({ type: 'send_failed', attempt: 0, ...MACHINE }))).toEqual([
      'link 2 up -> probing',
      '-> 2 ping wants_ids',
    ]);
    expect(member.state()).toBe('1/2 up no_tries=0 last_attempt=0');
    expect(deeds(member.hear(PONG))).toContain('link 2 probing -> up');
  });

  it('whose state is set to 2 has one failed attempt, and is asked; its reply clears it', () => {
    const member = linked();
    expect(deeds(member.apply({ type: 'count_failure', ...MACHINE }))).toEqual([
      'link 2 up -> probing',
      '-> 2 ping wants_ids',
    ]);
    expect(member.state()).toMatch(/^1\/2 up no_tries=1 /);
    member.hear(PONG);
    expect(member.state()).toMatch(/^1\/2 up no_tries=0 /);
  });

  it('whose state is set to 2 up to its limit is temporarily disabled until it replies', () => {
    const member = linked();
    for (let i = 0; i < 3; i++) member.apply({ type: 'count_failure', ...MACHINE });
    expect(member.state()).toMatch(/^1\/2 temp_disabled no_tries=3 /);
    expect(deeds(member.hear(PONG))).toContain('node_state 1/2 temp_disabled -> up (link_up)');
    expect(member.state()).toMatch(/^1\/2 up no_tries=0 /);
  });

  it('begins anew at a new url', () => {
    const member = linked();
    const moved = member.load([OWN_ROW, fleetMachine({ host: '10.0.1.3', url: 'bin:10.0.1.3:5555' })]);
    expect(deeds(moved)).toEqual([
      'disconnect 1/2',
      'machine_changed 1/2',
      'link 2 up -> down',
      'link 2 down -> probing',
      '-> 2 ping wants_ids',
    ]);
  });

  it('keeps its link over a reload that changes nothing of it', () => {
    const member = linked();
    expect(member.load([OWN_ROW, fleetMachine()])).toEqual([]);
  });

  it('that is removed leaves the fleet, and is not pinged again', () => {
    const member = linked();
    expect(deeds(member.apply({ type: 'remove_machine', ...MACHINE }))).toEqual([
      'link 2 up -> down',
      'disconnect 1/2',
      'machine_removed 1/2',
    ]);
    expect(member.engine.fleets.of(1)?.peers.all).toEqual([]);
    expect(deeds(member.pass(120_000))).toEqual([]);
  });

  it('without a row any more leaves the fleet', () => {
    const member = linked();
    member.load([OWN_ROW]);
    expect(member.engine.fleets.of(1)?.peers.size).toBe(0);
    expect(member.hear(PONG)).toEqual(['fault unknown_machine origin=2']);
  });
});

describe('the own row', () => {
  it('that is removed ends the membership, and one that comes back begins it anew', () => {
    const member = linked();
    expect(deeds(member.load([]))).toEqual(['link 2 up -> down', 'disconnect 1/2', 'machine_removed 1/2']);
    expect(member.engine.fleets.of(1)).toBeUndefined();
    expect(member.engine.table.clusters).toEqual([]);
    expect(member.pass(600_000)).toEqual([]);
    expect(deeds(member.load([OWN_ROW, fleetMachine()]))).toContain('-> 2 ping wants_ids');
  });

  it('that is disabled stops all links, and starts them when it is enabled', () => {
    const member = linked();
    const load = (state: 'up' | 'down') => deeds(member.load([{ ...OWN_ROW, state }, fleetMachine()]));
    expect(load('down')).toEqual(['link 2 up -> down']);
    expect(member.pass(600_000)).toEqual([]);
    expect(load('up')).toEqual(['link 2 down -> probing', '-> 2 ping wants_ids']);
  });

  it('that is disabled at the start sends nothing', () => {
    const member = new FleetEngine();
    member.load([{ ...OWN_ROW, state: 'down' }, fleetMachine()]);
    const begun = member.apply({ type: 'begin_fleets', remembered: new Map() });
    expect(begun.filter((text) => text.startsWith('->'))).toEqual([]);
    expect(member.pass(600_000)).toEqual([]);
  });
});

describe('a machine without a row', () => {
  it('is drained from the start if it was when it was known before', () => {
    const drain = { reason: 'update', until: null, by: null, since: 1 };
    const member = joined(new Map([[1, new Memory({ drains: new Map([[2, drain]]) })]]));
    member.hear(DESCRIPTION);
    expect(member.engine.table.cell(1, 2)?.machine).toMatchObject({ state: 'down', drain: { reason: 'update' } });
    expect(member.engine.fleets.of(1)?.peers.of(2)).toMatchObject({ member: { isEnabled: false }, isUp: false });
    expect(deeds(member.pass(60_000))).not.toContain('-> 2 ping wants_ids');
  });

  it('is drained again when it is learned again, unless its drain has ended', () => {
    const member = joined();
    member.hear(DESCRIPTION);
    member.apply({ type: 'drain', reason: 'update', until: null, by: null, ...MACHINE });
    member.apply({ type: 'remove_node', ...MACHINE });
    member.hear(DESCRIPTION);
    expect(member.engine.table.cell(1, 2)?.machine).toMatchObject({ state: 'down', drain: { reason: 'update' } });
    member.apply({ ...DOWN, status: 'up' });
    member.apply({ type: 'remove_node', ...MACHINE });
    member.hear(DESCRIPTION);
    expect(member.engine.table.cell(1, 2)?.machine).toMatchObject({ state: 'up', drain: null });
  });

  it('is pinged no more when its row is removed', () => {
    const member = linked();
    member.apply({ type: 'remove_machine', ...MACHINE });
    expect(member.engine.fleets.of(1)?.peers.of(2)).toBeUndefined();
    expect(member.pass(600_000)).toEqual([]);
  });

  it('is not drained when an operator has removed its row with its drain', () => {
    const member = joined();
    member.load([OWN_ROW, fleetMachine()]);
    member.apply({ type: 'drain', reason: 'update', until: null, by: null, ...MACHINE });
    member.apply({ type: 'remove_machine', ...MACHINE });
    member.hear(DESCRIPTION);
    expect(member.engine.table.cell(1, 2)?.machine).toMatchObject({ state: 'up', drain: null });
  });

  it('is learned by its description, and pinged', () => {
    const member = joined();
    expect(member.hear({ type: 'ping', wantsIds: true })).toEqual(['-> connection 2 unknown_id']);
    expect(deeds(member.hear(DESCRIPTION))).toEqual([
      'machine_added 1/2 up',
      'link 2 down -> probing',
      '-> 2 ping wants_ids',
    ]);
    expect(member.engine.table.cell(1, 2)?.machine).toMatchObject({
      clustererId: 0,
      url: 'bin:10.0.1.2:5566',
      ips: ['10.0.1.2'],
      failedAttempts: 2,
      durationMs: 60_000,
      fleet: { priority: 7, sipAddress: 'sip:a' },
    });
    expect(member.state()).toBe('1/2 up no_tries=0 last_attempt=0');
  });

  it('is disabled by unanswered pings as any other', () => {
    const member = joined();
    member.hear(DESCRIPTION);
    expect(deeds(member.pass(2000))).toContain('node_state 1/2 up -> temp_disabled (ping_failed)');
  });

  it('stays over a reload of the table', () => {
    const member = joined();
    member.hear(DESCRIPTION);
    expect(member.load([])).toEqual([]);
    expect(member.state()).toBe('1/2 up no_tries=0 last_attempt=0');
  });

  it('becomes one with a row when the table gets it', () => {
    const member = joined();
    member.hear(DESCRIPTION);
    member.load([fleetMachine({ url: 'bin:10.0.1.2:5566', port: 5566, failedAttempts: 4 })]);
    expect(member.engine.table.cell(1, 2)?.machine).toMatchObject({ clustererId: 102, failedAttempts: 4 });
    expect(member.engine.fleets.of(1)?.peers.of(2)?.member).toMatchObject({ isLearned: false, pingRetries: 4 });
  });

  it('is forgotten when the fleet removes it', () => {
    const member = joined();
    member.hear(DESCRIPTION);
    member.hear(PONG);
    const removed = member.hear({ type: 'remove_node', origin: 2, machineId: 2, destination: OWN_ID });
    expect(deeds(removed)).toEqual(['link 2 up -> down', 'disconnect 1/2', 'machine_removed 1/2']);
    expect(member.state()).toBe('gone');
  });

  it.each([
    ['a url of another protocol', 'udp:10.0.1.2:5566'],
    ['a url that is none', 'bin:'],
  ])('with %s is not learned', (_, url) => {
    const member = joined();
    const description = { ...DESCRIPTION.description, url };
    expect(member.hear({ ...DESCRIPTION, description })).toEqual(['fault bad_description origin=2']);
    expect(member.state()).toBe('gone');
  });
});
