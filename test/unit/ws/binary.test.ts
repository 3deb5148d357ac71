import { v24 } from '../../../src/wire/dialects/v24.js';
import { packetMessageHead, readPacket, readSendTo } from '../../../src/ws/binary.js';
import { packetBytes } from '../../support/peers/bin-peer.js';
import { sendToFrame } from '../../support/peers/packet-frame.js';

test('the header of packets is 16 bytes, little-endian, for seqs up to the largest safe integer', () => {
  const head = packetMessageHead('2.2', 100, 0xabcd, 0x01020304, Number.MAX_SAFE_INTEGER);
  expect(head.subarray(-16).toString('hex')).toBe('0100cdab04030201ffffffffffff1f00');
  expect(packetMessageHead('2.2', 100, 1, 1, 1).subarray(-8).readBigUInt64LE()).toBe(1n);
});

test('the second byte of the header is 1 for packets of dialect 2.4', () => {
  expect(packetMessageHead('2.4', 100, 1, 1, 1).subarray(-16, -14).toString('hex')).toBe('0101');
});

test.each([
  [109, '827d'],
  [110, '827e007e'],
  [65_519, '827effff'],
  [65_520, '827f0000000000010000'],
  [3_000_000_000, '827f00000000b2d05e10'],
])('the header and %i bytes of packets get the shortest WebSocket frame header', (bytes, hex) => {
  expect(packetMessageHead('2.2', bytes, 1, 1, 1).subarray(0, -16).toString('hex')).toBe(hex);
});

test('a send_to frame has a packet after its header', () => {
  const bytes = packetBytes({ payload: 'x' });
  expect(readSendTo(sendToFrame(7, 9, bytes))).toEqual({ requestId: 7, clusterId: 9, bytes });
  expect(readSendTo(Buffer.alloc(15))).toBeNull();
});

const CONTENT = { module: 'mine', packetType: 3, version: 2, payload: Buffer.from('x') };
const PACKETS = {
  '2.2': packetBytes(CONTENT),
  '2.4': v24.encode(CONTENT, { clusterId: 1, machineId: 2, destination: 3 }) as Buffer,
};

describe.each(['2.2', '2.4'] as const)('the packet of a send_to frame for a cluster of dialect %s', (dialect) => {
  const whole = PACKETS[dialect];

  it('is exactly one, of which only the content counts', () => {
    expect(readPacket(whole, dialect)).toEqual(CONTENT);
    const others = [Buffer.alloc(0), whole.subarray(0, -1), Buffer.concat([whole, Buffer.of(0)])];
    for (const bytes of others) expect(() => readPacket(bytes, dialect)).toThrow('exactly one whole BIN packet');
  });

  it('is not one of the other dialect', () => {
    const other = dialect === '2.2' ? '2.4' : '2.2';
    expect(() => readPacket(PACKETS[other], dialect)).toThrow(
      /has the header of OpenSIPS 2.*; write the packet for OpenSIPS 2/,
    );
  });
});
