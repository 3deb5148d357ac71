import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Block } from '../../../src/service/delivery/chunk.js';
import { Blocks } from '../../../src/service/delivery/chunk-pool.js';
import { PacketRun } from '../../../src/service/delivery/packet-run.js';
import { decodePacket } from '../../../src/wire/packet.js';
import { Writer } from '../../../src/ws/writer.js';
import { packetBytes } from '../../support/peers/bin-peer.js';

const MIB = 2 ** 20;
const TURN_BYTES = 16 * MIB;
const ALL = Number.POSITIVE_INFINITY;
const SOURCE = { ip: '127.0.0.2', port: 1 };
const PACKET = packetBytes({ payload: Buffer.alloc(60_000) });

/** A socket whose kernel takes at once so many bytes of what it is given, and the rest only when `takeRest` is called. */
function writerWhoseKernelTakes(bytes: number) {
  let taken = 0;
  let calls = 0;
  let takeRest = () => {};
  const writev = (chunks: { chunk: Buffer }[], done: () => void) => {
    calls++;
    for (const { chunk } of chunks) taken += chunk.length;
    if (taken <= bytes) done();
    else takeRest = done;
  };
  const stream = new Duplex({ read: () => {}, writev });
  const socket = {
    readyState: WebSocket.OPEN,
    OPEN: WebSocket.OPEN,
    get bufferedAmount() {
      return stream.writableLength;
    },
    send: (bytes: Buffer) => stream.write(bytes),
  };
  const events = { overflow: jest.fn(), room: jest.fn() };
  const writer = new Writer(socket as unknown as WebSocket, stream, TURN_BYTES, events);
  return { writer, events, takeRest: () => takeRest(), calls: () => calls };
}

/** Writes packets, each a message, until the writer says that it is full. Answers how many bytes of packets that were. */
function fill(writer: Writer, turnBytes = TURN_BYTES, blocks = new Blocks()): number {
  let bytes = 0;
  writer.turn(() => {
    for (let seq = 1; writer.makeRoom(turnBytes); seq++) {
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
    const bytes = fill(writerWhoseKernelTakes(ALL).writer);
    expect(bytes).toBeGreaterThan(TURN_BYTES - MIB);
  });

  it.each([0, 4])('is full with a mebibyte more than the kernel takes, which is %i MiB', (mebibytes) => {
    const bytes = fill(writerWhoseKernelTakes(mebibytes * MIB).writer);
    expect(bytes).toBeGreaterThan(mebibytes * MIB);
    expect(bytes).toBeLessThan((mebibytes + 3) * MIB);
  });

  it.each([
    [ALL, 0],
    [0, 1],
  ])(
    'overflows only with what the kernel does not take of much that is written at once: %d bytes',
    (bytes, overflows) => {
      const { writer, events } = writerWhoseKernelTakes(bytes);
      const text = 'x'.repeat(MIB);
      for (let written = 0; written < 2 * TURN_BYTES && events.overflow.mock.calls.length === 0; written += MIB) {
        writer.writeText(text);
      }
      expect(events.overflow).toHaveBeenCalledTimes(overflows);
    },
  );

  it('writes texts that come at once with one system call, and with those of a turn in the same instant', async () => {
    const { writer, calls } = writerWhoseKernelTakes(ALL);
    for (const text of ['a', 'b']) writer.writeText(text);
    expect(calls()).toBe(0);
    await Promise.resolve();
    expect(calls()).toBe(1);
    writer.writeText('c');
    writer.turn(() => writer.writeText('d'));
    expect(calls()).toBe(2);
    writer.writeText('e');
    await Promise.resolve();
    expect(calls()).toBe(3);
  });

  it('finds room in a turn that comes right behind texts, as long as the kernel takes it', () => {
    const { writer } = writerWhoseKernelTakes(ALL);
    writer.writeText('x'.repeat(2 * MIB));
    expect(fill(writer)).toBeGreaterThan(TURN_BYTES - MIB);
  });

  it('holds the memory of what it has written until the kernel has all of it', async () => {
    const blocks = new Blocks();
    const keep = jest.spyOn(blocks, 'keep');
    const usedBy = (use: () => void): Set<Block> => {
      keep.mockClear();
      use();
      return new Set(keep.mock.results.map(({ value }) => value.block));
    };
    const { writer, takeRest } = writerWhoseKernelTakes(0);
    const written = usedBy(() => fill(writer, MIB, blocks));
    const usedAgain = () => {
      const used = usedBy(() => {
        for (let i = 0; i < 100; i++) blocks.keep(Buffer.from(PACKET)).block.hold();
      });
      return [...written].filter((block) => used.has(block)).length;
    };
    // The last of them was not full yet.
    expect(usedAgain()).toBe(1);
    takeRest();
    await new Promise((resolve) => setImmediate(resolve));
    expect(usedAgain()).toBe(written.size - 1);
  });
});
