import { Memory } from '../../../src/domain/memory.js';
import type { RegistrationRequest } from '../../../src/domain/reception.js';
import { FleetEngine, fleetMachine, OWN_ID } from '../../support/engine/fleet-engine.js';
import { fleetRun } from '../../support/peers/runs.js';
import { loadedMachine, receivedRun } from '../../support/tables/rows.js';

const UL = 'usrloc-contact-repl';
const ROWS_22 = [loadedMachine({ clusterId: 7 }), loadedMachine({ clusterId: 7, machineId: OWN_ID })];

/** The release of machine 2 is known, so that it can be a donor. */
const FAMILIES = new Map([[1, new Memory({ families: new Map([[2, 'E']]) })]]);

/** Member 9 of cluster 1, with the machines 2 and 3, and of the cluster 7, which speaks 2.2. */
function member(): FleetEngine {
  const fleet = new FleetEngine({ dialectOf: (clusterId) => (clusterId === 7 ? '2.2' : '2.4') });
  fleet.begin([fleetMachine(), fleetMachine({ machineId: 3 }), ...ROWS_22], FAMILIES);
  return fleet;
}

function register(fleet: FleetEngine, number: number, given: Partial<RegistrationRequest> = {}): string[] {
  const request = { module: UL, protocol: 'bin', clusterId: 1, timeoutMs: 0, authCheck: false, ...given };
  return fleet.apply({ type: 'register', number, request });
}

/** What registrations get of a packet, and why not. */
function receive(fleet: FleetEngine, run = fleetRun()): string[] {
  const lines = fleet.apply({ type: 'receive', run });
  return lines.filter((line) => /^(notify|unclaimed|unknown_source|sync|reception)/.test(line));
}

const packet = (number: number, machineId = 2, source = '10.0.1.2') =>
  `notify #${number} packet ${UL} bin machine=${machineId} source=${source}`;

describe('a packet of a fleet', () => {
  it('comes to the registrations of its capability and of the name in 2.2, of its cluster and of any', () => {
    const fleet = member();
    register(fleet, 1);
    register(fleet, 2, { module: 'ul' });
    register(fleet, 3, { module: 'ul', clusterId: 0 });
    register(fleet, 4, { module: 'dialog' });
    register(fleet, 5, { clusterId: 7 });
    register(fleet, 6, { protocol: 'bins' });
    expect(receive(fleet)).toEqual([packet(1), packet(2), packet(3)]);
  });

  it('is unclaimed when no registration of its cluster has the capability', () => {
    const fleet = member();
    register(fleet, 1, { module: 'dialog' });
    register(fleet, 2, { clusterId: 7 });
    expect(receive(fleet)).toEqual([`unclaimed ${UL} bin machine=2 source=10.0.1.2`]);
  });

  it('that is for another machine comes to no registration', () => {
    const fleet = member();
    register(fleet, 1);
    expect(receive(fleet, fleetRun({ destination: 3 }))).toEqual([]);
  });

  it.each([
    { shows: 'from its origin', run: { machineId: 2 }, line: packet(1) },
    { shows: 'through a machine of the cluster', run: { ip: '10.0.1.3' }, line: packet(1, 2, '10.0.1.3') },
    {
      shows: 'from an address that no machine has',
      run: { ip: '10.9.9.9' },
      line: `unknown_source #1 ${UL} bin machine=2 source=10.9.9.9 (ip)`,
    },
    {
      shows: 'of an unknown machine',
      run: { machineId: 8, ip: '10.0.1.2' },
      line: `unknown_source #1 ${UL} bin machine=8 source=10.0.1.2 (machine_id)`,
    },
  ])('with auth_check, $shows: $line', ({ run, line }) => {
    const fleet = member();
    register(fleet, 1, { authCheck: true });
    expect(receive(fleet, fleetRun(run))).toEqual([line]);
  });

  it('of an unknown machine is delivered without auth_check', () => {
    const fleet = member();
    register(fleet, 1);
    expect(receive(fleet, fleetRun({ machineId: 8, ip: '10.9.9.9' }))).toEqual([packet(1, 8, '10.9.9.9')]);
  });

  it('ends a silence that its origin would have, whoever brought it', () => {
    const fleet = member();
    register(fleet, 1, { timeoutMs: 3000 });
    fleet.pass(2000);
    receive(fleet, fleetRun({ ip: '10.0.1.3' }));
    const notified = fleet.pass(2000).filter((line) => line.startsWith('notify'));
    expect(notified).toEqual(['notify #1 timeout 1/3 silent_for=3001']);
  });

  it('is dropped while its origin is silent for the registration', () => {
    const fleet = member();
    register(fleet, 1, { timeoutMs: 3000 });
    fleet.pass(3500);
    expect(receive(fleet)).toEqual(['notify #1 temp_disabled 1/2 dropped=1 remaining=5501']);
  });
});

describe('a packet of dialect 2.2', () => {
  it('comes to no registration of a cluster that speaks 2.4', () => {
    const fleet = member();
    register(fleet, 1, { module: 'ul' });
    register(fleet, 2, { module: 'ul', clusterId: 7 });
    register(fleet, 3, { module: 'ul', clusterId: 0 });
    const lines = receive(fleet, receivedRun({ ip: '10.0.7.2' }));
    expect(lines).toEqual([2, 3].map((number) => `notify #${number} packet ul bin machine=2 source=10.0.7.2`));
  });

  it('is unclaimed when only clusters that speak 2.4 have its module', () => {
    const fleet = member();
    register(fleet, 1, { module: 'ul' });
    expect(receive(fleet, receivedRun())).toEqual(['unclaimed ul bin machine=2 source=10.0.1.2']);
  });
});

describe('a machine that joins and leaves', () => {
  it('has a reception meanwhile', () => {
    const fleet = member();
    register(fleet, 1, { timeoutMs: 3000 });
    fleet.apply({ type: 'put_machine', machine: fleetMachine({ machineId: 4 }), status: null });
    fleet.apply({ type: 'remove_machine', clusterId: 1, machineId: 2 });
    const receptions = [...(fleet.engine.receiveSide.registration(1)?.receptions ?? [])];
    expect(receptions.map(({ cell }) => cell.machine.machineId).sort()).toEqual([3, 4]);
  });
});

/** Machine 2 is up, and has the data. */
function meetDonor(fleet: FleetEngine): string[] {
  fleet.hear({ type: 'pong', machineIds: [OWN_ID] });
  const nodes = [{ machineId: 2, capabilities: [{ name: UL, isSynced: true }] }];
  const sequence = { seq: 1, timestamp: 1 };
  return fleet.hear({ type: 'capabilities', sequence, nodes, wantsReply: false, path: [2] });
}

const SYNC_END = { type: 'sync_end', destination: OWN_ID, capability: UL, chunks: 0 } as const;

describe('live packets during a sync', () => {
  it('wait for the registrations that it is for, and come to the others at once', () => {
    const fleet = member();
    meetDonor(fleet);
    register(fleet, 1);
    register(fleet, 2);
    expect(fleet.apply({ type: 'sync', number: 1 })).toContain(`sync_started ${UL} #1 machine=2`);
    expect(receive(fleet)).toEqual([packet(2)]);
    expect(fleet.engine.receiveSide.registration(1)?.packets).toBe(1);
    const released = fleet.hear(SYNC_END).filter((line) => line.startsWith('sync_'));
    expect(released).toHaveLength(2);
    expect(released[1]).toMatch(/^sync_released/);
    expect(receive(fleet)).toEqual([packet(1), packet(2)]);
  });

  it('are not kept for a registration that drops their source', () => {
    const fleet = member();
    meetDonor(fleet);
    register(fleet, 1, { authCheck: true });
    fleet.apply({ type: 'sync', number: 1 });
    const run = fleetRun({ ip: '10.9.9.9' });
    expect(receive(fleet, run)).toEqual([`unknown_source #1 ${UL} bin machine=2 source=10.9.9.9 (ip)`]);
    expect(fleet.hear(SYNC_END).filter((line) => line.startsWith('sync_released'))).toEqual([]);
  });
});

describe('a sync that is asked for before its fleet begins', () => {
  it('starts with the fleet', () => {
    const fleet = new FleetEngine();
    register(fleet, 1);
    expect(fleet.apply({ type: 'sync', number: 1 })).toEqual([]);
    fleet.begin();
    const ended = fleet.pass(5000).filter((line) => line.startsWith('sync_'));
    expect(ended).toEqual([expect.stringMatching(/^sync_ended .*no_donor/)]);
    expect(fleet.pass(60_000).filter((line) => line.startsWith('sync_'))).toEqual([]);
  });

  it('finds a donor of the fleet', () => {
    const fleet = new FleetEngine();
    register(fleet, 1);
    fleet.apply({ type: 'sync', number: 1 });
    fleet.pass(2000);
    fleet.begin([fleetMachine()], FAMILIES);
    expect(meetDonor(fleet)).toContain(`sync_started ${UL} #1 machine=2`);
  });

  it('ends without a donor when the fleet does not begin in time', () => {
    const fleet = new FleetEngine();
    register(fleet, 1);
    fleet.apply({ type: 'sync', number: 1 });
    expect(fleet.pass(4999)).toEqual([]);
    expect(fleet.pass(1)).toEqual([expect.stringMatching(/^sync_ended .*no_donor/)]);
    fleet.begin();
    expect(fleet.pass(60_000).filter((line) => line.startsWith('sync_'))).toEqual([]);
  });

  it('is forgotten with its registration', () => {
    const fleet = new FleetEngine();
    register(fleet, 1);
    fleet.apply({ type: 'sync', number: 1 });
    fleet.apply({ type: 'unregister', number: 1 });
    expect(fleet.pass(60_000)).toEqual([]);
  });
});

describe('a sync', () => {
  it.each([
    { clusterId: 1, module: 'ul', canSync: true },
    { clusterId: 1, module: UL, canSync: true },
    { clusterId: 5, module: UL, canSync: true },
    { clusterId: 0, module: UL, canSync: false },
    { clusterId: 7, module: UL, canSync: false },
    { clusterId: 1, module: 'ratelimit', canSync: false },
    { clusterId: 1, module: 'ratelimit-pipe-repl', canSync: false },
    { clusterId: 1, module: 'tm-repl', canSync: false },
  ])('of $module in cluster $clusterId: $canSync', ({ clusterId, module, canSync }) => {
    expect(member().engine.fleets.canSync(clusterId, module)).toBe(canSync);
  });
});

describe('the packets of a module', () => {
  it('are decoded by several when two registrations ask for it, under any name of the module', () => {
    const fleet = member();
    const { receiveSide } = fleet.engine;
    register(fleet, 1, { decode: true });
    register(fleet, 2, { module: 'ul' });
    register(fleet, 3, { module: 'dialog', decode: true });
    expect(receiveSide.isDecodedBySeveral('ul')).toBe(false);
    register(fleet, 4, { module: 'ul', decode: true });
    expect([UL, 'ul', 'dialog'].map((module) => receiveSide.isDecodedBySeveral(module))).toEqual([true, true, false]);
    fleet.apply({ type: 'unregister', number: 1 });
    expect(receiveSide.isDecodedBySeveral('ul')).toBe(false);
  });
});
