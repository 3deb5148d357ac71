import { ChunkPool } from '../../../../src/service/delivery/chunk-pool.js';
import { PacketRun } from '../../../../src/service/delivery/packet-run.js';
import { packetBytes } from '../../../support/peers/bin-peer.js';
import { receivedRun, runOfBytes, SOURCE } from '../../../support/peers/runs.js';

/** A run from seq 11 on, received at 0; null is a packet for others that is stored in between. */
function runOf(packets: readonly (Buffer | null)[], pool = new ChunkPool()): PacketRun {
  const [first, ...others] = packets;
  if (!first) throw new Error('the first packet of a run must not be null');
  const run = new PacketRun(11, receivedRun(first), pool.store(receivedRun(first)), 0);
  for (const frame of others) {
    if (frame === null) pool.store(receivedRun(packetBytes({ module: 'dialog' })));
    else expect(run.extend(receivedRun(frame), pool.store(receivedRun(frame)), 0)).toBe(true);
  }
  return run;
}

/** What a run has from this `seq` on, in one piece. */
function bytesFrom(run: PacketRun, seq: number): Buffer {
  const [frames, ...others] = run.framesFrom(seq);
  if (frames === undefined || others.length > 0) throw new Error('one piece was expected');
  return frames;
}

const THREE = [packetBytes(), packetBytes({ payload: 'second' }), packetBytes({ payload: 'third' })];

/** Three of them are most of a chunk. */
const LARGE = packetBytes({ payload: Buffer.alloc(60_000, 'x') });

describe('a run of packets', () => {
  it('returns its frames, from any packet on, without copying them', () => {
    const run = runOf(THREE);
    expect([run.seq, run.lastSeq, run.bytes]).toEqual([11, 13, Buffer.concat(THREE).length]);
    expect(bytesFrom(run, 11)).toEqual(Buffer.concat(THREE));
    expect(bytesFrom(run, 11).buffer).toBe(bytesFrom(run, 12).buffer);
    expect(bytesFrom(run, 12)).toEqual(Buffer.concat(THREE.slice(1)));
    expect([...run.packetsFrom(12)].map(({ seq, frame }) => [seq, frame])).toEqual([
      [12, THREE[1]],
      [13, THREE[2]],
    ]);
  });

  it('measures packets by the low 16 bits of their length field', () => {
    const odd = packetBytes();
    odd.writeUInt16LE(0xbeef, 6);
    expect(bytesFrom(runOf([odd, ...THREE]), 12)).toEqual(Buffer.concat(THREE));
  });

  it('is not extended by a packet of another chunk, connection or instant', () => {
    const pool = new ChunkPool();
    const [first, second] = THREE as [Buffer, Buffer];
    const run = new PacketRun(1, receivedRun(first), pool.store(receivedRun(first)), 0);
    const slice = pool.store(receivedRun(second));
    expect(run.extend(receivedRun(second), new ChunkPool().store(receivedRun(second)), 0)).toBe(false);
    expect(run.extend(receivedRun(second, { source: { ...SOURCE } }), slice, 0)).toBe(false);
    expect(run.extend(receivedRun(second), slice, 1)).toBe(false);
    expect(run.lastSeq).toBe(1);
  });

  it('joins slices with packets for others in between, and is not extended after that', () => {
    const pool = new ChunkPool();
    const [one, two, three] = THREE as [Buffer, Buffer, Buffer];
    const run = runOf([one, null, two, three, null], pool);
    expect([run.lastSeq, run.bytes]).toEqual([13, Buffer.concat(THREE).length]);
    expect(bytesFrom(run, 11)).toEqual(Buffer.concat(THREE));
    expect(bytesFrom(run, 13)).toEqual(three);
    expect(run.extend(receivedRun(one), pool.store(receivedRun(one)), 0)).toBe(false);
  });

  it('returns large slices as they are, and joins them for a part', () => {
    const pool = new ChunkPool();
    const run = runOf([LARGE, null, LARGE], pool);
    const pieces = run.framesFrom(11);
    expect(pieces.map((piece) => LARGE.equals(piece))).toEqual([true, true]);
    expect(pieces[0]?.buffer).toBe(pieces[1]?.buffer);
    expect(bytesFrom(run, 12).equals(LARGE)).toBe(true);
    expect(bytesFrom(run, 11).equals(Buffer.concat([LARGE, LARGE]))).toBe(true);
  });

  it('holds at most 65,535 packets', () => {
    const one = receivedRun(packetBytes({ module: '' }));
    const { chunk } = new ChunkPool().store(runOfBytes(Buffer.alloc(65_536)));
    const run = new PacketRun(11, one, { chunk, start: 0, end: 1 }, 0);
    for (let at = 1; at < 65_535; at++) run.extend(one, { chunk, start: at, end: at + 1 }, 0);
    expect([run.lastSeq, run.bytes]).toEqual([65_545, 65_535]);
    expect(run.extend(one, { chunk, start: 65_535, end: 65_536 }, 0)).toBe(false);
  });

  it('moves to another chunk with the same packets, and is not extended after that', () => {
    const pool = new ChunkPool();
    const [one] = THREE as [Buffer];
    const run = runOf(THREE, pool);
    const before = bytesFrom(run, 11).buffer;
    run.move();
    const frames = bytesFrom(run, 11);
    expect(frames).toEqual(Buffer.concat(THREE));
    expect(frames.buffer).not.toBe(before);
    expect(bytesFrom(run, 13)).toEqual(THREE[2]);
    expect(run.extend(receivedRun(one), pool.store(receivedRun(one)), 0)).toBe(false);
  });

  it('keeps the chunk to which it moved', () => {
    const pool = new ChunkPool();
    const run = runOf(THREE, pool);
    run.move();
    const other = { ...receivedRun(packetBytes()), ...runOfBytes(Buffer.alloc(200_000)) };
    for (let i = 0; i < 50; i++) {
      const filler = new PacketRun(1, other, pool.store({ ...other }), 0);
      filler.move();
      filler.release();
    }
    expect(bytesFrom(run, 11)).toEqual(Buffer.concat(THREE));
  });

  it('stays readable while it is pinned, even when it is released', () => {
    const pool = new ChunkPool();
    const run = runOf([LARGE], pool);
    const sent = bytesFrom(run, 11);
    const chunk = run.pin();
    run.release();
    const storeMore = () => {
      for (let i = 0; i < 20; i++)
        pool.store(receivedRun(packetBytes({ payload: Buffer.alloc(60_000, String(i % 10)) })));
    };
    storeMore();
    expect(sent.equals(LARGE)).toBe(true);
    chunk?.unpin();
    storeMore();
    expect(sent.equals(LARGE)).toBe(false);
  });
});
