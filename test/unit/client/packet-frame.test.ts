import { readPacketFrame } from '../../../src/client/packet-frame.js';
import { joined } from '../../../src/wire/frame-run.js';
import { packetMessageHead } from '../../../src/ws/binary.js';
import { packetBytes } from '../../support/peers/bin-peer.js';
import { fleetRun } from '../../support/peers/runs.js';

/** A frame of these packets, without the header of the WebSocket. */
function frameOf(dialect: '2.2' | '2.4', packets: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(packets);
  return Buffer.concat([packetMessageHead(dialect, bytes.length, packets.length, 7, 11).subarray(-16), bytes]);
}

describe('a binary frame', () => {
  it('of 2.2 has the machine in front of the payload, and no cluster', () => {
    const frame = frameOf('2.2', [packetBytes({ payload: 'one' }), packetBytes({ payload: 'two', machineId: 5 })]);
    const packet = { dialect: '2.2', cluster_id: null, module: 'ul', packet_type: 3, version: 1 };
    expect(readPacketFrame(frame)).toEqual({
      number: 7,
      packets: [
        { ...packet, seq: 11, machine_id: 2, payload: Buffer.from('one') },
        { ...packet, seq: 12, machine_id: 5, payload: Buffer.from('two') },
      ],
    });
  });

  it('of 2.4 has cluster and origin after the payload', () => {
    const packets = ['one', 'two'].map((text, i) => {
      return joined(fleetRun({ clusterId: 3 + i, machineId: 5, packetType: -1, payload: Buffer.from(text) }));
    });
    const packet = { dialect: '2.4', machine_id: 5, module: 'usrloc-contact-repl', packet_type: -1, version: 3 };
    expect(readPacketFrame(frameOf('2.4', packets))).toEqual({
      number: 7,
      packets: [
        { ...packet, seq: 11, cluster_id: 3, payload: Buffer.from('one') },
        { ...packet, seq: 12, cluster_id: 4, payload: Buffer.from('two') },
      ],
    });
  });

  it.each([
    { shows: 'another kind', at: 0, value: 2 },
    { shows: 'an unknown dialect', at: 1, value: 2 },
    { shows: 'a packet without a length', at: 20, value: 0 },
  ])('with $shows is rejected', ({ at, value }) => {
    const frame = frameOf('2.4', [joined(fleetRun({ payload: Buffer.alloc(0) }))]);
    frame[at] = value;
    expect(() => readPacketFrame(frame)).toThrow(RangeError);
  });
});
