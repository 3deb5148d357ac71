import { packetMessageHead, readSendTo } from '../../../src/ws/binary.js';
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

test('a send_to frame has exactly one packet after its header', () => {
  expect(readSendTo(sendToFrame(7, 9, packetBytes({ payload: 'x' })))).toMatchObject({
    requestId: 7,
    clusterId: 9,
    packet: { module: 'ul', packetType: 3, version: 1, payload: Buffer.from('x') },
  });
  expect(readSendTo(sendToFrame(7, 9, Buffer.alloc(0)))).toEqual({ requestId: 7, clusterId: 9, packet: null });
  expect(readSendTo(Buffer.alloc(15))).toBeNull();
});
