import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { Blocks } from '../../../src/service/blocks.js';
import { PacketRun } from '../../../src/service/packet-run.js';
import { decodePacket } from '../../../src/wire/packet.js';
import { Writer } from '../../../src/ws/writer.js';
import { packetBytes } from '../../support/bin-peer.js';

const MIB = 2 ** 20;
const TURN_BYTES = 16 * MIB;
const ALL = Number.POSITIVE_INFINITY;
const SOURCE = { ip: '127.0.0.2', port: 1 };
const PACKET = packetBytes({ payload: Buffer.alloc(60_000) });

/** A socket whose kernel takes at once so many bytes of what it is given, and the rest never. */
function writerWhoseKernelTakes(bytes: number) {
  let taken = 0;
  const writev = (chunks: { chunk: Buffer }[], done: () => void) => {
    for (const { chunk } of chunks) taken += chunk.length;
    if (taken <= bytes) done();
  };
  const stream = new Duplex({ read: () => {}, writev });
  const socket = {
    readyState: WebSocket.OPEN,
    OPEN: WebSocket.OPEN,
    get bufferedAmount() {
      return stream.writableLength;
    },
  };
  const events = { overflow: jest.fn(), room: jest.fn() };
  return new Writer(socket as WebSocket, stream, TURN_BYTES, events);
}

/** Writes packets, each a message, until the writer says that it is full. Answers how many bytes of packets that were. */
function fill(writer: Writer, turnBytes = TURN_BYTES, blocks = new Blocks()): number {
  let bytes = 0;
  writer.turn(() => {
    for (let seq = 1; !writer.isFull(turnBytes); seq++) {
      const packet = decodePacket(PACKET);
      if (packet === 'too_short') throw new Error('the test means a whole packet');
      const kept = blocks.keep(Buffer.from(PACKET));
      const run = new PacketRun(seq, { ...packet, count: 1, protocol: 'bin', source: SOURCE }, kept, 0);
      writer.writePackets(run, 1, seq);
      run.release();
      bytes += PACKET.length;
    }
  });
  return bytes;
}

describe('the writer of a socket', () => {
  it('may write all that a turn allows, as long as the kernel takes it', () => {
    const bytes = fill(writerWhoseKernelTakes(ALL));
    expect(bytes).toBeGreaterThan(TURN_BYTES - MIB);
  });

  it.each([0, 4])('is full with a mebibyte more than the kernel takes, which is %i MiB', (mebibytes) => {
    const bytes = fill(writerWhoseKernelTakes(mebibytes * MIB));
    expect(bytes).toBeGreaterThan(mebibytes * MIB);
    expect(bytes).toBeLessThan((mebibytes + 3) * MIB);
  });

  it.each([
    [ALL, true],
    [0, false],
  ])(
    'gives back the memory of what it has written once the kernel has all of it: of %d bytes, %p',
    (bytes, givesBack) => {
      const blocks = new Blocks();
      const keep = jest.spyOn(blocks, 'keep');
      const writer = writerWhoseKernelTakes(bytes);
      for (let turn = 0; turn < 3; turn++) fill(writer, MIB, blocks);
      const used = keep.mock.results.map(({ value }) => value.block);
      expect(new Set(used).size < used.length).toBe(givesBack);
    },
  );
});
