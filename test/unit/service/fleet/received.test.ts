import type { Effect } from '../../../../src/domain/effects.js';
import { Engine } from '../../../../src/domain/engine.js';
import { NO_FLEETS } from '../../../../src/domain/fleets.js';
import { EngineLoop } from '../../../../src/service/engine-loop.js';
import { Received, type Refused } from '../../../../src/service/fleet/received.js';
import { encodeExtra } from '../../../../src/wire/cluster/extra.js';
import { FAMILIES, type Family } from '../../../../src/wire/cluster/family.js';
import { encodeInternal } from '../../../../src/wire/cluster/internal.js';
import type { ExtraMessage, InternalMessage } from '../../../../src/wire/cluster/messages.js';
import { v24 } from '../../../../src/wire/dialects/v24.js';
import { FrameParser } from '../../../../src/wire/frame.js';
import { effectText } from '../../../support/engine/effect-text.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';
import { fleetMachine, OWN_ID } from '../../../support/engine/fleet-engine.js';
import { packetBytes } from '../../../support/peers/bin-peer.js';
import { loadedMachine } from '../../../support/tables/rows.js';

const OWN_ROW = fleetMachine({ machineId: OWN_ID });
const ROW_22 = loadedMachine({ clusterId: 7 });
const HEAD = { clusterId: 1, origin: 2 } as const;

/** What machine 9, a member of cluster 1 with machine 2, makes of bytes on a connection of machine 2. */
function start(rows = [OWN_ROW, fleetMachine()]) {
  const clock = new FakeClock();
  const effects: Effect[] = [];
  const loop = new EngineLoop(new Engine(OWN_ID, { ...NO_FLEETS, dialectOf: () => '2.4' }), clock, (effect) =>
    effects.push(effect),
  );
  const received = new Received(loop);
  loop.apply({ type: 'load', machines: rows, keepChanged: false });
  loop.apply({ type: 'begin_fleets', remembered: new Map() });
  effects.length = 0;
  const take = (...frames: readonly Buffer[]) => {
    const refused: (Refused | null)[] = [];
    const parser = new FrameParser({
      run: (run) => {
        const source = { ip: '10.0.1.2', port: 40_000 };
        refused.push(received.take({ ...run, protocol: 'bin', source, connection: 5, url: null }));
      },
      tooShort: () => {},
    });
    expect(parser.push(Buffer.concat(frames))).toBeNull();
    const decided = effects.splice(0);
    const messages = decided.flatMap((effect) => (effect.type === 'message' ? [effect.message] : []));
    return { refused, effects: decided.map(effectText), messages };
  };
  return { take };
}

function internal(message: InternalMessage, family: Family = 'E'): Buffer {
  return encodeInternal(message, family) as Buffer;
}

function packet24(clusterId: number, destination = OWN_ID, machineId = 2): Buffer {
  const content = { module: 'usrloc-contact-repl', packetType: 1, version: 3, payload: Buffer.from('payload') };
  return v24.encode(content, { clusterId, machineId, destination }) as Buffer;
}

describe('a packet of dialect 2.2', () => {
  it.each([
    ['taken while a cluster of 2.2 is loaded', [OWN_ROW, ROW_22], [null]],
    ['taken while no cluster is loaded', [], [null]],
    ['refused where all clusters are of 2.4', [OWN_ROW], ['other_dialect']],
  ])('is %s', (_, rows, refused) => {
    const taken = start(rows).take(packetBytes());
    expect(taken.refused).toEqual(refused);
    expect(taken.effects).toEqual(refused[0] === null ? [expect.stringMatching(/^unclaimed ul/)] : []);
  });
});

describe('a packet of dialect 2.4', () => {
  it('goes to the modules here', () => {
    const { refused, effects } = start().take(packet24(1), packet24(1));
    expect(refused).toEqual([null]);
    expect(effects).toContain('unclaimed usrloc-contact-repl bin machine=2 source=10.0.1.2');
  });

  it.each([
    ['is not loaded', [OWN_ROW], 3],
    ['is of dialect 2.2', [OWN_ROW, ROW_22], 7],
  ])('of a cluster that %s is refused', (_, rows, clusterId) => {
    expect(start(rows).take(packet24(clusterId))).toMatchObject({ refused: ['other_dialect'], effects: [] });
  });

  it('for a machine that nobody reaches goes nowhere', () => {
    const { refused, effects } = start().take(packet24(1, 3));
    expect(refused).toEqual([null]);
    expect(effects).toContain('fault no_route origin=2');
    expect(effects.filter((text) => text.startsWith('unclaimed'))).toEqual([]);
  });
});

describe('a message of a fleet', () => {
  it('is heard: a ping is answered', () => {
    const { refused, effects } = start().take(internal({ type: 'ping', ...HEAD, wantsIds: false }));
    expect(refused).toEqual([null]);
    expect(effects).toContain('-> 2 pong -');
  });

  it('is heard alone, however many come together', () => {
    const ping = internal({ type: 'ping', ...HEAD, wantsIds: false });
    const { refused, effects } = start().take(ping, ping, ping);
    expect(refused).toEqual([null, null, null]);
    expect(effects.filter((text) => text === '-> 2 pong -')).toHaveLength(3);
  });

  it('that cannot be read is refused, and changes nothing', () => {
    const ping = internal({ type: 'ping', ...HEAD, wantsIds: false });
    // No message has this number.
    ping.writeInt32LE(99, ping.indexOf('clusterer-internal') + 'clusterer-internal'.length);
    expect(start().take(ping)).toMatchObject({ refused: ['bad_message'], effects: [] });
  });

  it('of a cluster that is not loaded is refused', () => {
    const ping = internal({ type: 'ping', clusterId: 3, origin: 2, wantsIds: false });
    expect(start().take(ping)).toMatchObject({ refused: ['other_dialect'], effects: [] });
  });

  it.each<[Family, Family]>([
    ['C1', 'C2'],
    ['C2', 'C2'],
    ['C3', 'C3'],
    ['D1', 'D1'],
    ['D2', 'E'],
    ['E', 'E'],
  ])('tells the family: capabilities of %s are of %s', (family, told) => {
    const sequence = ['C1', 'C2', 'D1'].includes(family) ? null : { seq: 1, timestamp: 1 };
    const nodes = [{ machineId: 2, capabilities: [{ name: 'usrloc-contact-repl', isSynced: true }] }];
    const message = { type: 'capabilities', ...HEAD, sequence, nodes, wantsReply: false, path: [2] } as const;
    const { refused, effects } = start().take(internal(message, family));
    expect(refused).toEqual([null]);
    expect(effects).toContain(`family 2 ${told}`);
  });

  it.each(FAMILIES)('is read in the family %s of its origin', (family) => {
    const { take } = start();
    const sequence = ['C1', 'C2', 'D1'].includes(family) ? null : { seq: 1, timestamp: 1 };
    take(internal({ type: 'capabilities', ...HEAD, sequence, nodes: [], wantsReply: false, path: [2] }, family));
    const route = { clusterId: 1, origin: 2, destination: OWN_ID };
    const mi: ExtraMessage = { type: 'mi', ...route, command: 'uptime', parameters: ['a', 'b'] };
    const { refused, messages } = take(encodeExtra(mi, family) as Buffer);
    expect(refused).toEqual([null]);
    expect(messages).toEqual([mi]);
  });
});
