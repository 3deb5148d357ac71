import type { Command } from '../../../src/domain/commands.js';
import { v24 } from '../../../src/wire/dialects/v24.js';
import { FrameParser } from '../../../src/wire/frame.js';
import { FleetEngine, fleetMachine, OWN_ID } from '../../support/engine/fleet-engine.js';
import { AOR_DELETE, aorDelete, USRLOC } from '../../support/fleet/payloads.js';

const PONG = { type: 'pong', machineIds: [] } as const;
const THIRD = fleetMachine({ machineId: 3, host: '10.0.1.3', ip: '10.0.1.3', ips: ['10.0.1.3'] });

/** Each machine that a packet goes to, and over which. */
function targets({ engine, now }: FleetEngine, only?: number): string[] {
  const attempts = engine.apply({ type: 'send', clusterId: 1, protocol: 'bin', only }, now, []);
  return attempts.map(({ machine, via }) => `${machine.machineId} over ${via.machineId}`);
}

/** A member to which machine 2 has a link, and says that it has one to machine 3. */
function linked(): FleetEngine {
  const member = new FleetEngine();
  member.begin([fleetMachine(), THIRD]);
  member.hear(PONG);
  const sequence = { seq: 1, timestamp: 1 };
  member.hear({ type: 'link_update', sequence, neighbour: 3, isUp: true, path: [2] });
  return member;
}

describe('a packet to a cluster of dialect 2.4', () => {
  it('goes to no machine before the service is a member, and to none whose link is not up yet', () => {
    const member = new FleetEngine();
    member.load([fleetMachine({ machineId: OWN_ID }), fleetMachine()]);
    expect(targets(member)).toEqual([]);
    member.apply({ type: 'begin_fleets', remembered: new Map() });
    expect(targets(member)).toEqual([]);
    member.hear(PONG);
    expect(targets(member)).toEqual(['2 over 2']);
  });

  it('goes over a neighbour to a machine that only the neighbour reaches, even if pings have disabled it', () => {
    const member = linked();
    expect(targets(member)).toEqual(['2 over 2', '3 over 2']);
    for (let i = 0; i < 4; i++) {
      member.pass(1000);
      member.hear(PONG);
    }
    expect(member.state(3)).toMatch(/^1\/3 temp_disabled/);
    expect(targets(member)).toEqual(['2 over 2', '3 over 2']);
  });

  it('goes to one machine where that is asked for', () => {
    expect(targets(linked(), 3)).toEqual(['3 over 2']);
    expect(targets(linked(), 4)).toEqual([]);
  });

  it('does not go to a machine that an operator has set down, nor over it', () => {
    const member = linked();
    member.apply({ type: 'set_status', status: 'down', cause: 'operator', clusterId: 1, machineId: 2 });
    expect(targets(member)).toEqual([]);
  });

  it('that was sent proves nothing about a machine', () => {
    const member = new FleetEngine();
    member.begin();
    member.pass(1000);
    const before = member.state();
    expect(before).toContain('no_tries=1');
    expect(member.engine.wantsSuccess(1, 2)).toBe(false);
    const { generation: attempt } = member.engine.table.cell(1, 2) ?? { generation: 0 };
    const command: Command = { type: 'send_succeeded', clusterId: 1, machineId: 2, attempt };
    expect(member.apply(command)).toEqual([]);
    expect(member.state()).toBe(before);
  });
});

/** A packet of machine 2 arrives. */
function arrives(member: FleetEngine, version: number, ip: string, destination = OWN_ID): void {
  const content = { module: USRLOC, packetType: AOR_DELETE, version, payload: aorDelete('alice') };
  const parser = new FrameParser({
    run: (run) => {
      const source = { ip, port: 40_000 };
      member.apply({ type: 'receive', run: { ...run, protocol: 'bin', source, connection: 2, url: null } });
    },
    tooShort: () => {},
  });
  parser.push(v24.encode(content, { clusterId: 1, machineId: 2, destination }) as Buffer);
}

function versionToSend({ engine }: FleetEngine): number | undefined {
  return engine.table.cell(1, 2)?.peer?.versions.toSend(USRLOC, 'E');
}

describe('the packet version that a machine understands', () => {
  it.each([
    ['the machine', '10.0.1.2'],
    ['a neighbour', '10.0.1.3'],
  ])('is that of a packet which %s brought', (_, ip) => {
    const member = linked();
    arrives(member, 5, ip);
    expect(versionToSend(member)).toBe(5);
  });

  it.each([
    ['comes from elsewhere', '10.9.9.9', OWN_ID],
    ['is for another machine', '10.0.1.2', 3],
  ])('is not that of a packet which %s', (_, ip, destination) => {
    const member = linked();
    arrives(member, 5, ip, destination);
    expect(versionToSend(member)).toBe(3);
  });
});
