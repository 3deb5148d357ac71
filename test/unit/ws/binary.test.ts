import { packetFrameHeader, readSendTo } from '../../../src/ws/binary.js';
import { packetBytes } from '../../support/bin-peer.js';
import { sendToFrame } from '../../support/packet-frame.js';

test('the header of a packet frame is 16 bytes, little-endian, up to the largest seq that can be counted', () => {
  const hex = packetFrameHeader(0xabcd, 0x01020304, Number.MAX_SAFE_INTEGER).toString('hex');
  expect(hex).toBe('0100cdab04030201ffffffffffff1f00');
});

test('a send_to frame holds exactly one packet behind its header', () => {
  expect(readSendTo(sendToFrame(7, 9, packetBytes({ payload: 'x' })))).toMatchObject({
    requestId: 7,
    clusterId: 9,
    packet: { module: 'ul', packetType: 3, version: 1, machineId: 2 },
  });
  expect(readSendTo(sendToFrame(7, 9, Buffer.alloc(0)))).toEqual({ requestId: 7, clusterId: 9, packet: null });
  expect(readSendTo(Buffer.alloc(15))).toBeNull();
});
