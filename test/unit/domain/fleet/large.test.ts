import type { FleetEffect } from '../../../../src/domain/fleet/effects.js';
import { Fleet } from '../../../../src/domain/fleet/fleet.js';
import { encodeInternal } from '../../../../src/wire/cluster/internal.js';
import type { InternalMessage } from '../../../../src/wire/cluster/messages.js';
import { fleetOptions, fromMachine, member } from '../../../support/fleet/network.js';

const OWN = 200;
const now = { monotonicMs: 0, unixMs: 1_000_000_000 };

/** A fleet of which every machine reaches every other. Returns it with what it sent, by type. */
function fullMesh(size: number) {
  const fleet = new Fleet(fleetOptions(OWN, { learns: true }));
  const out: FleetEffect[] = [];
  const ids = Array.from({ length: size }, (_, i) => i + 1);
  const hear = (message: InternalMessage) =>
    fleet.received(message, null, fromMachine(message.origin), Buffer.alloc(0), now, out);
  const sipAddress = 's'.repeat(64);
  for (const id of ids) fleet.put(member(id, { url: `bin:${'h'.repeat(54)}:5566`, sipAddress }), now, out);
  for (const origin of ids) {
    const neighbours = [...ids.filter((id) => id !== origin), OWN].slice(0, 128);
    const sequence = { seq: 0, timestamp: 1 };
    const nodes = [{ machineId: origin, description: null, sequence, neighbours }];
    hear({ type: 'full_topology', clusterId: 1, origin, sequence, nodes, path: [origin] });
  }
  const sent = (type: InternalMessage['type']) =>
    out.flatMap((effect) => (effect.type === 'transmit' && effect.message.type === type ? [effect] : []));
  return { fleet, out, ids, hear, sent };
}

/** The faults of encoding these messages. */
function faults(effects: ReturnType<ReturnType<typeof fullMesh>['sent']>): unknown[] {
  return effects.flatMap(({ message }) => {
    const frame = encodeInternal(message as InternalMessage, 'E');
    return Buffer.isBuffer(frame) ? [] : [frame];
  });
}

describe('a fleet of as many machines as daemons have room for', () => {
  it('is told whole to each machine, in messages that fit into packets', () => {
    const { ids, hear, sent } = fullMesh(127);
    for (const origin of ids) hear({ type: 'pong', clusterId: 1, origin, machineIds: [] });
    expect(faults(sent('full_topology'))).toEqual([]);
    const toLast = sent('full_topology').filter(({ to }) => 'machineId' in to && to.machineId === 127);
    const nodes = toLast.flatMap(({ message }) => (message.type === 'full_topology' ? message.nodes.slice(1) : []));
    expect(new Set(nodes.map(({ machineId }) => machineId))).toEqual(new Set(ids.slice(0, -1)));
  });
});

describe('a fleet of more machines', () => {
  it('answers their pings, and tells of some', () => {
    const { ids, hear, sent } = fullMesh(140);
    for (const origin of ids) {
      hear({ type: 'pong', clusterId: 1, origin, machineIds: [] });
      hear({ type: 'ping', clusterId: 1, origin, wantsIds: true });
    }
    expect(sent('pong')).toHaveLength(140);
    expect(faults([...sent('pong'), ...sent('full_topology')])).toEqual([]);
  });
});

describe('a machine that tells of ever new neighbours', () => {
  it('does not keep others from being told the topology', () => {
    const { hear, sent } = fullMesh(3);
    for (let seq = 1; seq <= 200; seq++) {
      const sequence = { seq, timestamp: 1 };
      hear({ type: 'link_update', clusterId: 1, origin: 3, sequence, neighbour: 1000 + seq, isUp: true, path: [3] });
    }
    hear({ type: 'pong', clusterId: 1, origin: 1, machineIds: [] });
    expect(faults(sent('full_topology'))).toEqual([]);
    const [topology] = sent('full_topology');
    const told = topology?.message.type === 'full_topology' ? topology.message.nodes : [];
    expect(told.find(({ machineId }) => machineId === 3)?.neighbours).toEqual([1, 2, OWN]);
  });
});

describe('a machine that describes itself at length', () => {
  it('is not learned, since no topology could tell of it', () => {
    const { fleet, out, hear } = fullMesh(1);
    const description = { url: 'bin:10.0.0.9:5566', sipAddress: 's'.repeat(60_000), priority: 50, pingRetries: 3 };
    hear({ type: 'node_description', clusterId: 1, origin: 9, description, path: [9] });
    expect(fleet.peers.of(9)).toBeUndefined();
    expect(out.at(-1)).toMatchObject({ type: 'fault', reason: 'bad_description', origin: 9 });
  });
});
