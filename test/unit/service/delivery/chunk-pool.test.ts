import type { Chunk, ChunkSlice, SliceOwner } from '../../../../src/service/delivery/chunk.js';
import { ChunkPool } from '../../../../src/service/delivery/chunk-pool.js';
import { PacketRun } from '../../../../src/service/delivery/packet-run.js';
import { packetBytes } from '../../../support/peers/bin-peer.js';
import { receivedRun, runOfBytes } from '../../../support/peers/runs.js';

/** Two fit into a chunk, three do not. */
const LENGTH = 100_000;

const filledWith = (byte: string, length = LENGTH) => Buffer.alloc(length, byte);

/** Whether the slice holds these bytes. */
const holds = ({ chunk, start, end }: ChunkSlice, bytes: Buffer) => chunk.bytes.subarray(start, end).equals(bytes);

/** Retains a slice until it is moved, and then nothing. */
class Owner implements SliceOwner {
  isAttached = true;
  private readonly chunk: Chunk;
  private readonly bytes: number;

  constructor({ chunk, start, end }: ChunkSlice) {
    this.chunk = chunk;
    this.bytes = end - start;
    chunk.retain(this, this.bytes);
  }

  move(): void {
    this.isAttached = false;
    this.chunk.release(this, this.bytes);
  }
}

describe('the chunk pool', () => {
  it('copies what it stores, one slice right after another', () => {
    const pool = new ChunkPool();
    const given = filledWith('a');
    const first = pool.store(runOfBytes(given));
    const second = pool.store(runOfBytes(filledWith('b')));
    given.fill('x');
    expect(second.chunk).toBe(first.chunk);
    expect(second.start).toBe(first.end);
    expect([holds(first, filledWith('a')), holds(second, filledWith('b'))]).toEqual([true, true]);
  });

  it('joins the pieces of a run', () => {
    const pool = new ChunkPool();
    const slice = pool.store({ ...runOfBytes(filledWith('a')), pieces: [filledWith('a', 3), filledWith('b', 2)] });
    expect(slice.end - slice.start).toBe(5);
    expect(holds(slice, Buffer.from('aaabb'))).toBe(true);
  });

  it('stores the same run once for one registration after another', () => {
    const pool = new ChunkPool();
    const given = runOfBytes(filledWith('a'));
    const first = pool.store(given);
    expect(pool.store(given)).toBe(first);
    pool.store(runOfBytes(filledWith('b')));
    expect(pool.store(given)).not.toBe(first);
  });

  it('starts another chunk when the frames do not fit, and uses a free one again', () => {
    const pool = new ChunkPool();
    const slices = ['a', 'b', 'c', 'd'].map((byte) => pool.store(runOfBytes(filledWith(byte))));
    const [a, , c] = slices as [ChunkSlice, ChunkSlice, ChunkSlice];
    expect(c.chunk).not.toBe(a.chunk);
    const again = pool.store(runOfBytes(filledWith('e')));
    expect([again.chunk, again.start]).toEqual([a.chunk, 0]);
  });

  it('does not use a chunk again while a slice is retained or it is pinned', () => {
    const pool = new ChunkPool();
    const a = pool.store(runOfBytes(filledWith('a')));
    const owners = [new Owner(a), new Owner(a)];
    a.chunk.pin();
    const storeMore = () => {
      for (let i = 0; i < 20; i++) pool.store(runOfBytes(filledWith('x')));
      return holds(a, filledWith('a'));
    };
    expect(storeMore()).toBe(true);
    for (const owner of owners) owner.move();
    expect(storeMore()).toBe(true);
    a.chunk.unpin();
    expect(storeMore()).toBe(false);
  });

  it('moves the owners of small slices before another 16 MiB are stored', () => {
    const pool = new ChunkPool();
    const owners = Array.from({ length: 500 }, () => {
      const owner = new Owner(pool.store(runOfBytes(filledWith('x', 1_000))));
      pool.store(runOfBytes(filledWith('x', 250_000)));
      return owner;
    });
    const chunksHeld = owners.filter(({ isAttached }) => isAttached).length;
    expect(chunksHeld * 264 * 1_024).toBeLessThanOrEqual(2 ** 24);
  });

  it('does not move the owners of most of a chunk', () => {
    const pool = new ChunkPool();
    const owners = Array.from({ length: 500 }, () => {
      const owner = new Owner(pool.store(runOfBytes(filledWith('x', 150_000))));
      pool.store(runOfBytes(filledWith('x', 100_000)));
      return owner;
    });
    expect(owners.every(({ isAttached }) => isAttached)).toBe(true);
  });

  it('does not move owners from a pinned chunk, which would not become free', () => {
    const pool = new ChunkPool();
    const slice = pool.store(runOfBytes(filledWith('x', 1_000)));
    const owner = new Owner(slice);
    slice.chunk.pin();
    for (let i = 0; i < 2; i++) pool.store(runOfBytes(filledWith('x', 200_000)));
    pool.compact();
    expect(owner.isAttached).toBe(true);
    slice.chunk.unpin();
    pool.compact();
    expect(owner.isAttached).toBe(false);
  });

  it('stores frames longer than a chunk', () => {
    const pool = new ChunkPool();
    const long = pool.store(runOfBytes(filledWith('l', 1_000_000)));
    expect(holds(long, filledWith('l', 1_000_000))).toBe(true);
    const next = pool.store(runOfBytes(filledWith('n')));
    expect(next.chunk).not.toBe(long.chunk);
    expect(holds(next, filledWith('n'))).toBe(true);
  });

  it('copies the same slices once for all their owners', () => {
    const pool = new ChunkPool();
    const [a, b, c] = ['a', 'b', 'c'].map((byte) => pool.store(runOfBytes(filledWith(byte, 10)))) as [
      ChunkSlice,
      ChunkSlice,
      ChunkSlice,
    ];
    const { chunk } = a;
    const copy = chunk.copyOf([a, c]);
    expect(copy.chunk).not.toBe(chunk);
    expect(holds(copy, Buffer.from(`${'a'.repeat(10)}${'c'.repeat(10)}`))).toBe(true);
    chunk.copyOf([b]);
    expect(chunk.copyOf([{ start: 0, end: 10 }, c])).toBe(copy);
    const others = [[a, b], [a], [c, a]].map((slices) => chunk.copyOf(slices));
    expect(others.map((other) => other.chunk.bytes.toString('latin1', other.end - 10, other.end))).toEqual(
      ['b', 'a', 'a'].map((byte) => byte.repeat(10)),
    );
  });

  it('keeps copies until they are forgotten, and then uses their chunks again', () => {
    const pool = new ChunkPool();
    const a = pool.store(runOfBytes(filledWith('a')));
    a.chunk.pin();
    const copy = a.chunk.copyOf([a]);
    const copyMore = () => {
      for (let i = 0; i < 6; i++)
        pool.store(runOfBytes(filledWith('x', 200_000))).chunk.copyOf([{ start: 0, end: 200_000 }]);
      return holds(copy, filledWith('a'));
    };
    expect(copyMore()).toBe(true);
    a.chunk.dropCopies();
    expect(copyMore()).toBe(false);
  });

  it('moves what several registrations keep to one copy', () => {
    const pool = new ChunkPool();
    const received = receivedRun(packetBytes());
    const slice = pool.store(received);
    const runs = [new PacketRun(1, received, slice, 0), new PacketRun(5, received, slice, 0)];
    for (const byte of ['x', 'y']) pool.store(runOfBytes(filledWith(byte, 200_000)));
    pool.compact();
    const [one, other] = runs.map((run) => run.framesFrom(run.seq)[0]);
    expect(one).toEqual(packetBytes());
    expect(one?.buffer).not.toBe(slice.chunk.bytes.buffer);
    expect([other?.buffer, other?.byteOffset]).toEqual([one?.buffer, one?.byteOffset]);
  });

  it('makes new copies after a chunk is used again', () => {
    const pool = new ChunkPool();
    const first = pool.store(runOfBytes(filledWith('a')));
    first.chunk.copyOf([first]);
    for (const byte of ['b', 'c', 'd']) pool.store(runOfBytes(filledWith(byte)));
    const again = pool.store(runOfBytes(filledWith('e')));
    expect([again.chunk, again.start]).toEqual([first.chunk, first.start]);
    expect(holds(again.chunk.copyOf([again]), filledWith('e'))).toBe(true);
  });
});
