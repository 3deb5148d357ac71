import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { FairReads, FULL_READ_BYTES, FULL_READS } from '../../../src/bin/in/fair-reads.js';

/** How often libuv reads a socket before it turns to the next one. */
const READS_IN_A_ROW = 32;

/** One that is read as libuv does it. */
class ReadSocket extends Readable {
  taken = 0;

  constructor(fairReads: FairReads) {
    // As a socket of Node 20 has it.
    super({ highWaterMark: 16_384, read: () => {} });
    fairReads.share(this);
    this.on('data', () => this.taken++);
  }

  /** Reads while there is more. Returns how often. */
  poll(bytes: number): number {
    let reads = 1;
    while (this.push(Buffer.alloc(bytes)) && bytes === FULL_READ_BYTES && reads < READS_IN_A_ROW) reads++;
    return reads;
  }
}

async function openSockets(count: number): Promise<ReadSocket[]> {
  const fairReads = new FairReads();
  const sockets = Array.from({ length: count }, () => new ReadSocket(fairReads));
  await nextIteration();
  return sockets;
}

describe('sockets that share an event loop', () => {
  it('wait for so many full reads of another one, and for no more', async () => {
    const [full, quiet] = (await openSockets(2)) as [ReadSocket, ReadSocket];
    for (let iteration = 0; iteration < 5; iteration++) {
      const before = full.taken;
      // The one that finds it paused is kept until it continues.
      expect(full.poll(FULL_READ_BYTES)).toBeLessThanOrEqual(FULL_READS + 1);
      quiet.poll(100);
      expect(full.taken - before).toBeLessThanOrEqual(FULL_READS);
      expect(quiet.taken).toBe(iteration + 1);
      await nextIteration();
      await nextIteration();
    }
    expect(full.taken).toBeGreaterThan(4 * FULL_READS);
  });

  it('have these full reads together, and each that comes later one or two', async () => {
    const sockets = await openSockets(5);
    const reads = sockets.map((socket) => socket.poll(FULL_READ_BYTES));
    expect(reads).toEqual([FULL_READS + 1, 2, 2, 2, 2]);
  });

  it('are not paused by reads that leave nothing', async () => {
    const [socket] = (await openSockets(1)) as [ReadSocket];
    for (let i = 0; i < 10 * FULL_READS; i++) socket.poll(FULL_READ_BYTES - 1);
    expect(socket.taken).toBe(10 * FULL_READS);
    expect(socket.isPaused()).toBe(false);
  });

  it('lose nothing of a sender that never pauses', async () => {
    const fairReads = new FairReads();
    const sent = Buffer.alloc(8 * 2 ** 20, 'a sender that never pauses ');
    const parts: Buffer[] = [];
    const server = createServer((socket) => {
      fairReads.share(socket);
      socket.on('data', (read: Buffer) => parts.push(read));
      socket.on('end', () => server.close());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    connect((server.address() as AddressInfo).port, '127.0.0.1').end(sent);
    await once(server, 'close');
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
  });
});
