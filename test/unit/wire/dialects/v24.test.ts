import type { PacketHead } from '../../../../src/wire/dialects/dialect.js';
import { BRIDGE_MARK, isBridged, v24 } from '../../../../src/wire/dialects/v24.js';
import { FrameParser } from '../../../../src/wire/frame.js';
import { packets24 } from '../../../fixtures/packets-24.js';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const measured = (hex: string) => v24.measure(bytes(hex), 0, bytes(hex).length);

function decoded(frame: Buffer): PacketHead {
  const head = v24.decode(frame);
  if (head === 'too_short') throw new Error('a whole packet was expected');
  return head;
}

/** "tm-repl" from machine 1 of cluster 1 to machine 2, without a payload. */
const MODULE_PACKET = '5034434b2300000000000700746d2d7265706c01000000010000000100000002000000';

describe('v24', () => {
  it.each(packets24())('measures $title', ({ frame }) => {
    expect(v24.measure(frame, 0, frame.length)).toBe(frame.length);
  });

  it('writes every captured packet of a module byte for byte', () => {
    const modules = packets24().filter(({ title }) => title.includes('-repl type'));
    expect(modules.length).toBe(14);
    for (const { frame } of modules) {
      const head = decoded(frame);
      const payload = frame.subarray(head.payloadOffset, head.payloadEnd);
      const { clusterId, machineId, destination } = head;
      const route = { clusterId: clusterId ?? 0, machineId, destination: destination ?? 0 };
      expect(v24.encode({ ...head, payload }, route)).toEqual(frame);
    }
  });

  it('reads cluster, origin and destination from the trailer', () => {
    expect(decoded(bytes(MODULE_PACKET))).toEqual({
      dialect: '2.4',
      clusterId: 1,
      module: 'tm-repl',
      packetType: 1,
      version: 0,
      machineId: 1,
      destination: 2,
      payloadOffset: 23,
      payloadEnd: 23,
    });
  });

  it('reads cluster and origin of clusterer-internal before its payload', () => {
    const [ping] = packets24();
    const head = decoded(ping?.frame ?? Buffer.alloc(0));
    expect(head).toMatchObject({ clusterId: 1, machineId: 1, destination: null, payloadOffset: 42, payloadEnd: 46 });
  });

  it('recognises a packet of a bridge, whose trailer has four integers', () => {
    const head = decoded(bytes('5034434b2700000000000700746d2d7265706c01000000050000000600000007000000000000c0'));
    expect(isBridged(head)).toBe(true);
    expect(head).toMatchObject({
      clusterId: 6,
      machineId: 7,
      destination: BRIDGE_MARK,
      payloadOffset: 23,
      payloadEnd: 23,
    });
  });

  it.each([
    ['a module packet without its trailer', '5034434b2200000000000700746d2d7265706c010000000100000001000000020000'],
    [
      'clusterer-internal without an origin',
      '5034434b2600000001001200636c757374657265722d696e7465726e616c0000000001000000',
    ],
    ['a bridge packet without its source', '5034434b2300000000000700746d2d7265706c010000000600000007000000000000c0'],
  ])('returns too_short for %s', (_, hex) => {
    expect(measured(hex)).toBe(bytes(hex).length);
    expect(v24.decode(bytes(hex))).toBe('too_short');
  });

  it.each([
    ['a capability beyond the packet', 'bad_name_length', '5034434b23000000000014007474746d2d72'],
    ['no capability', 'bad_name_length', '5034434b230000000000000074742d7265706c'],
    ['a length above 65,535', 'bad_length', '5034434b2300010000000700746d2d72'],
    ['a packet of 2.2', 'other_dialect', '5034434b2f0000000100000002000000756c'],
    ['a packet of 2.2 with garbage in its unused bytes', 'other_dialect', '5034434b2f00adde0100adde02000000756c'],
    ['a packet of 2.3', 'other_dialect', '5034434b2600000001000900636c757374657265720000'],
  ])('reports %s', (_, fault, hex) => {
    expect(measured(hex)).toBe(fault);
  });

  it('accepts 65,535 bytes and writes 65,515', () => {
    const content = { module: 'tm-repl', packetType: 1, version: 0 };
    const route = { clusterId: 1, machineId: 1, destination: 2 };
    const longest = v24.encode({ ...content, payload: new Uint8Array(65_515 - 35) }, route);
    expect(longest.length).toBe(65_515);
    expect(v24.encode({ ...content, payload: new Uint8Array(65_515 - 34) }, route)).toBe('too_long');
    expect(measured('5034434bffff000000000700746d2d72')).toBe(65_535);
  });

  it.each(['clusterer', 'clusterer-internal', 'clusterer-extra', '', 'with blank', 'ümlaut'])(
    'sends no packet of the capability "%s" for modules',
    (module) => {
      const content = { module, packetType: 1, version: 1, payload: new Uint8Array() };
      expect(() => v24.encode(content, { clusterId: 1, machineId: 1, destination: 2 })).toThrow(RangeError);
    },
  );

  it('sends nothing to the mark of a bridge', () => {
    const content = { module: 'tm-repl', packetType: 1, version: 1, payload: new Uint8Array() };
    const route = { clusterId: 1, machineId: 1, destination: BRIDGE_MARK };
    expect(() => v24.encode(content, route)).toThrow(RangeError);
  });

  it.each([
    ['cluster', '5034434b2300000000000700746d2d7265706c01000000020000000100000002000000', false],
    ['destination', '5034434b2300000000000700746d2d7265706c01000000010000000100000003000000', false],
    ['packet type', '5034434b2300000000000700746d2d7265706c07000000010000000100000002000000', true],
  ])('compares the origin of packets that differ in the %s', (_, hex, same) => {
    const both = Buffer.concat([bytes(MODULE_PACKET), bytes(hex)]);
    const view = new DataView(both.buffer, both.byteOffset, both.length);
    expect(v24.sameOrigin(view, 0, 35, 35, 70)).toBe(same);
  });

  describe('in a stream', () => {
    /** The numbers of packets in the runs of two equal packets. */
    const runsOfTwo = (frame: Buffer) => {
      const counts: number[] = [];
      const parser = new FrameParser({ run: ({ count }) => void counts.push(count), tooShort: () => {} });
      expect(parser.push(Buffer.concat([frame, frame]))).toBeNull();
      return counts;
    };

    it.each(packets24())(
      'joins packets of modules, not those of clusterer-internal and clusterer-extra: $title',
      ({ frame, title }) => {
        expect(runsOfTwo(frame)).toEqual(title.includes(' clusterer-') ? [1, 1] : [2]);
      },
    );

    it('does not join packets of a bridge', () => {
      const route = { clusterId: 1, machineId: 2, destination: 3 };
      const content = { module: 'tm-repl', packetType: 1, version: 1, payload: Buffer.alloc(64) };
      const bridged = v24.encode(content, route) as Buffer;
      bridged.writeInt32LE(BRIDGE_MARK, bridged.length - 4);
      expect(runsOfTwo(bridged)).toEqual([1, 1]);
    });
  });
});
