import type { PacketContent } from '../../../../src/wire/dialects/dialect.js';
import { V22 } from '../../../../src/wire/dialects/v22.js';
import { capturedPackets } from '../../../fixtures/captures.js';
import { headOf } from '../../../support/peers/runs.js';

const PACKETS = [...capturedPackets('22-basic.hex'), ...capturedPackets('22-dialog.hex')];

const encode = (content: PacketContent, machineId = 1) =>
  V22.encode(content, { clusterId: 1, machineId, destination: 0 });

describe('the length of a packet of 2.2', () => {
  const [FIRST = Buffer.alloc(0)] = PACKETS;

  it('is known from its first 16 bytes', () => {
    expect(V22.measure(FIRST, 0, 16)).toBe(47);
    expect(V22.measure(FIRST, 0, 15)).toBe(0);
    expect(V22.measure(FIRST, 0, 0)).toBe(0);
  });

  it('counts from where the packet starts', () => {
    expect(V22.measure(Buffer.concat([Buffer.from('xyz'), FIRST]), 3, 50)).toBe(47);
  });
});

describe('the head of a packet of 2.2', () => {
  it('reads the packet that announces a registered address', () => {
    const [first = Buffer.alloc(0)] = PACKETS;
    const head = headOf(first);
    expect(head).toEqual({
      dialect: '2.2',
      clusterId: null,
      module: 'ul',
      packetType: 1,
      version: 1,
      machineId: 1,
      destination: null,
      payloadOffset: 26,
      payloadEnd: 47,
    });
    expect(first.toString('latin1', head.payloadOffset, head.payloadEnd)).toBe('\b\0\0\0location\u0005\0\0\0alice');
  });

  it('reads every captured packet', () => {
    expect(
      PACKETS.map((frame) => headOf(frame)).map(
        ({ module, packetType, machineId }) => `${module} ${packetType} ${machineId}`,
      ),
    ).toEqual([
      'ul 1 1',
      'ul 3 1',
      'ul 4 1',
      'ul 5 1',
      'ul 2 1',
      'ratelimit 0 1',
      'dialog 1 1',
      'dialog 2 1',
      'dialog 3 1',
    ]);
  });

  it('reads version and length as 16 bits and ids as signed 32', () => {
    const packet = headOf(Buffer.from('5034434b1a00adde0380adde02000000756cfffffffffeffffff', 'hex'));
    expect(packet).toMatchObject({ version: 0x8003, packetType: -1, machineId: -2, payloadOffset: 26 });
  });

  it('reads an empty module name', () => {
    const packet = headOf(Buffer.from('5034434b1800000001000000000000000500000007000000', 'hex'));
    expect(packet).toMatchObject({ module: '', packetType: 5, machineId: 7, payloadOffset: 24 });
  });

  it('replaces bytes of a module name that are not UTF-8', () => {
    const packet = headOf(Buffer.from('5034434b1a0000000100000002000000ff6c0100000001000000', 'hex'));
    expect(packet.module).toBe('\ufffdl');
  });

  test.each([
    ['machine id', '5034434b190000000100000002000000756c01000000010000'],
    ['packet type', '5034434b1600000001000000060000006469616c6f67'],
  ])('returns too_short for a frame that ends within the %s', (_, hex) => {
    expect(V22.decode(Buffer.from(hex, 'hex'))).toBe('too_short');
  });
});

describe('a packet of 2.2 to send', () => {
  it('writes every captured packet byte for byte', () => {
    const again = PACKETS.map((frame) => {
      const head = headOf(frame);
      return encode({ ...head, payload: frame.subarray(head.payloadOffset) }, head.machineId);
    });
    expect(again).toEqual(PACKETS);
  });

  it('writes zeros into the unused bytes, and the low 16 bits of the version', () => {
    const frame = encode({ module: 'ul', packetType: 3, version: 0x12345, payload: Buffer.of(9) }, 2);
    expect(frame).toEqual(Buffer.from('5034434b1b0000004523000002000000756c030000000200000009', 'hex'));
  });

  it('counts a module name in bytes', () => {
    const frame = encode({ module: 'ü', packetType: 0, version: 1, payload: Buffer.alloc(0) }, 0);
    expect(frame).toEqual(Buffer.from('5034434b1a0000000100000002000000c3bc0000000000000000', 'hex'));
  });

  it('fills a frame up to 65,535 bytes and rejects one byte more', () => {
    const parts = { module: 'ul', packetType: 1, version: 1 };
    expect(encode({ ...parts, payload: Buffer.alloc(65_509) })).toHaveLength(65_535);
    expect(encode({ ...parts, payload: Buffer.alloc(65_510) })).toBe('too_long');
    expect(encode({ ...parts, module: 'm'.repeat(65_536), payload: Buffer.alloc(0) })).toBe('too_long');
  });

  it('throws for a packet type that is not a 32-bit integer', () => {
    const parts = { module: 'ul', version: 1, payload: Buffer.alloc(0) };
    expect(() => encode({ ...parts, packetType: 2 ** 31 })).toThrow('out of range');
  });
});
