import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Chunk } from '../../../src/service/delivery/chunk.js';
import { ChunkPool } from '../../../src/service/delivery/chunk-pool.js';
import { PacketRun } from '../../../src/service/delivery/packet-run.js';
import { Writer } from '../../../src/ws/writer.js';
import { packetBytes } from '../../support/peers/bin-peer.js';
import { receivedRun, runOfBytes } from '../../support/peers/runs.js';

const MIB = 2 ** 20;
const BUDGET = 16 * MIB;
const ALL = Number.POSITIVE_INFINITY;
const PACKET = packetBytes({ payload: Buffer.alloc(60_000) });

/** A writer whose kernel takes this many bytes at once, and the rest only when `takeRest` is called. */
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
  const events = { overflow: jest.fn(), drain: jest.fn() };
  const writer = new Writer(socket as unknown as WebSocket, stream, BUDGET, events);
  return { writer, events, takeRest: () => takeRest(), calls: () => calls };
}

/** Writes packets, each a message, until the writer has no room. Returns the bytes of packets written. */
function fill(writer: Writer, budget = BUDGET, pool = new ChunkPool(), beforeEach = () => {}): number {
  let bytes = 0;
  writer.batch(() => {
    for (let seq = 1; writer.hasRoom(budget); seq++) {
      beforeEach();
      const received = receivedRun(PACKET);
      const run = new PacketRun(seq, received, pool.store(received), 0);
      writer.writePackets(run, 1, seq);
      run.release();
      bytes += PACKET.length;
    }
  });
  return bytes;
}

describe('the writer of a socket', () => {
  it('writes its whole budget, as long as the kernel takes it', () => {
    const bytes = fill(writerWhoseKernelTakes(ALL).writer);
    expect(bytes).toBeGreaterThan(BUDGET - MIB);
  });

  it.each([0, 4])('is full with one MiB more than the kernel takes, which is %i MiB', (mebibytes) => {
    const bytes = fill(writerWhoseKernelTakes(mebibytes * MIB).writer);
    expect(bytes).toBeGreaterThan(mebibytes * MIB);
    expect(bytes).toBeLessThan((mebibytes + 3) * MIB);
  });

  it('is full with eight chunks, however little it sends of each, and says when the kernel has taken it', async () => {
    const { writer, events, takeRest } = writerWhoseKernelTakes(0);
    const pool = new ChunkPool();
    const startChunk = () => void pool.store(runOfBytes(Buffer.alloc(250_000)));
    expect(fill(writer, BUDGET, pool, startChunk)).toBe(8 * PACKET.length);
    expect(events.drain).not.toHaveBeenCalled();
    takeRest();
    await new Promise((resolve) => setImmediate(resolve));
    expect(events.drain).toHaveBeenCalled();
    expect(fill(writer, BUDGET, pool, startChunk)).toBe(8 * PACKET.length);
  });

  it('is never full of chunks whose packets the kernel takes', () => {
    const { writer } = writerWhoseKernelTakes(ALL);
    const pool = new ChunkPool();
    const startChunk = () => void pool.store(runOfBytes(Buffer.alloc(250_000)));
    expect(fill(writer, BUDGET, pool, startChunk)).toBeGreaterThan(BUDGET - MIB);
  });

  it.each([
    [ALL, 0],
    [0, 1],
  ])('counts only what the kernel does not take as overflow: it takes %d bytes', (bytes, overflows) => {
    const { writer, events } = writerWhoseKernelTakes(bytes);
    const text = 'x'.repeat(MIB);
    for (let written = 0; written < 2 * BUDGET && events.overflow.mock.calls.length === 0; written += MIB) {
      writer.writeText(text);
    }
    expect(events.overflow).toHaveBeenCalledTimes(overflows);
  });

  it('writes the texts of one microtask, and those of a batch with them, with one system call', async () => {
    const { writer, calls } = writerWhoseKernelTakes(ALL);
    for (const text of ['a', 'b']) writer.writeText(text);
    expect(calls()).toBe(0);
    await Promise.resolve();
    expect(calls()).toBe(1);
    writer.writeText('c');
    writer.batch(() => writer.writeText('d'));
    expect(calls()).toBe(2);
    writer.writeText('e');
    await Promise.resolve();
    expect(calls()).toBe(3);
  });

  it('has room in a batch right after texts, as long as the kernel takes them', () => {
    const { writer } = writerWhoseKernelTakes(ALL);
    writer.writeText('x'.repeat(2 * MIB));
    expect(fill(writer)).toBeGreaterThan(BUDGET - MIB);
  });

  it('pins the memory of packets until the kernel has all of them', async () => {
    const pool = new ChunkPool();
    const store = jest.spyOn(pool, 'store');
    const usedBy = (use: () => void): Set<Chunk> => {
      store.mockClear();
      use();
      return new Set(store.mock.results.map(({ value }) => value.chunk));
    };
    const { writer, takeRest } = writerWhoseKernelTakes(0);
    const written = usedBy(() => fill(writer, MIB, pool));
    const usedAgain = () => {
      const used = usedBy(() => {
        for (let i = 0; i < 100; i++) pool.store(receivedRun(PACKET)).chunk.pin();
      });
      return [...written].filter((chunk) => used.has(chunk)).length;
    };
    // The last one was not full yet.
    expect(usedAgain()).toBe(1);
    takeRest();
    await new Promise((resolve) => setImmediate(resolve));
    expect(usedAgain()).toBe(written.size - 1);
  });
});
