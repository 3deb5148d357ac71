import { ChunkPool } from '../../../../src/service/delivery/chunk-pool.js';
import { PacketRun } from '../../../../src/service/delivery/packet-run.js';
import { decodePacket, type ReceivedPacket } from '../../../../src/wire/packet.js';
import { packetBytes } from '../../../support/peers/bin-peer.js';

const SOURCE = { ip: '127.0.0.2', port: 1 };

function received(frame: Buffer, source = SOURCE): ReceivedPacket {
  const packet = decodePacket(frame);
  if (packet === 'too_short') throw new Error('the test needs a whole packet');
  return { ...packet, count: 1, protocol: 'bin', source };
}

/** A run from seq 11 on, received at 0; null is a packet for others that is stored in between. */
function runOf(packets: readonly (Buffer | null)[], pool = new ChunkPool()): PacketRun {
  const [first, ...others] = packets;
  if (!first) throw new Error('the first packet of a run must not be null');
  const run = new PacketRun(11, received(first), pool.store(first), 0);
  for (const frame of others) {
    if (frame === null) pool.store(packetBytes({ module: 'dialog' }));
    else expect(run.extend(received(frame), pool.store(frame), 0)).toBe(true);
  }
  return run;
}

const THREE = [packetBytes(), packetBytes({ payload: 'second' }), packetBytes({ payload: 'third' })];

/** Three of them are most of a chunk. */
const LARGE = packetBytes({ payload: Buffer.alloc(60_000, 'x') });

describe('a run of packets', () => {
  it('returns its frames, from any packet on, without copying them', () => {
    const run = runOf(THREE);
    expect([run.seq, run.lastSeq, run.bytes]).toEqual([11, 13, Buffer.concat(THREE).length]);
    expect(run.framesFrom(11)).toEqual(Buffer.concat(THREE));
    expect(run.framesFrom(11).buffer).toBe(run.framesFrom(12).buffer);
    expect(run.framesFrom(12)).toEqual(Buffer.concat(THREE.slice(1)));
    expect([...run.packetsFrom(12)].map(({ seq, packet }) => [seq, packet.frame])).toEqual([
      [12, THREE[1]],
      [13, THREE[2]],
    ]);
  });

  it('measures packets by the low 16 bits of their length field', () => {
    const odd = packetBytes();
    odd.writeUInt16LE(0xbeef, 6);
    expect(runOf([odd, ...THREE]).framesFrom(12)).toEqual(Buffer.concat(THREE));
  });

  it('is not extended by a packet of another chunk, connection or instant', () => {
    const pool = new ChunkPool();
    const [first, second] = THREE as [Buffer, Buffer];
    const run = new PacketRun(1, received(first), pool.store(first), 0);
    const slice = pool.store(second);
    expect(run.extend(received(second), new ChunkPool().store(second), 0)).toBe(false);
    expect(run.extend(received(second, { ...SOURCE }), slice, 0)).toBe(false);
    expect(run.extend(received(second), slice, 1)).toBe(false);
    expect(run.lastSeq).toBe(1);
  });

  it('joins slices with packets for others in between, and is not extended after that', () => {
    const pool = new ChunkPool();
    const [one, two, three] = THREE as [Buffer, Buffer, Buffer];
    const run = runOf([one, null, two, three, null], pool);
    expect([run.lastSeq, run.bytes]).toEqual([13, Buffer.concat(THREE).length]);
    expect(run.framesFrom(11)).toEqual(Buffer.concat(THREE));
    expect(run.framesFrom(13)).toEqual(three);
    expect(run.extend(received(one), pool.store(one), 0)).toBe(false);
  });

  it('holds at most 65,535 packets', () => {
    const one = received(packetBytes({ module: '' }));
    const { chunk } = new ChunkPool().store(Buffer.alloc(65_536));
    const run = new PacketRun(11, one, { chunk, start: 0, end: 1 }, 0);
    for (let at = 1; at < 65_535; at++) run.extend(one, { chunk, start: at, end: at + 1 }, 0);
    expect([run.lastSeq, run.bytes]).toEqual([65_545, 65_535]);
    expect(run.extend(one, { chunk, start: 65_535, end: 65_536 }, 0)).toBe(false);
  });

  it('detaches from a chunk of which it is less than half, and is not extended after that', () => {
    const pool = new ChunkPool();
    const [one] = THREE as [Buffer];
    const run = runOf(THREE, pool);
    const chunk = run.framesFrom(11).buffer;
    run.detachIfSmall();
    const frames = run.framesFrom(11);
    expect(frames).toEqual(Buffer.concat(THREE));
    expect(frames.buffer).not.toBe(chunk);
    expect(frames.buffer.byteLength).toBe(frames.length);
    expect(run.framesFrom(13)).toEqual(THREE[2]);
    expect(run.pin()).toBeNull();
    expect(run.extend(received(one), pool.store(one), 0)).toBe(false);
  });

  it('does not detach from a chunk of which it is more than half', () => {
    const run = runOf([LARGE, LARGE, LARGE]);
    const chunk = run.framesFrom(11).buffer;
    run.detachIfSmall();
    expect(run.framesFrom(11).buffer).toBe(chunk);
  });

  it('stays readable while it is pinned, even when it is released', () => {
    const pool = new ChunkPool();
    const run = runOf([LARGE], pool);
    const sent = run.framesFrom(11);
    const chunk = run.pin();
    run.release();
    const storeMore = () => {
      for (let i = 0; i < 20; i++) pool.store(packetBytes({ payload: Buffer.alloc(60_000, String(i % 10)) }));
    };
    storeMore();
    expect(sent).toEqual(LARGE);
    chunk?.unpin();
    storeMore();
    expect(sent).not.toEqual(LARGE);
  });
});
