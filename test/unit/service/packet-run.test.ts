import { PacketRun } from '../../../src/service/packet-run.js';
import { decodePacket, type ReceivedPacket } from '../../../src/wire/packet.js';
import { packetBytes } from '../../support/bin-peer.js';

const SOURCE = { ip: '127.0.0.2', port: 1 };

function received(frame: Buffer, source = SOURCE): ReceivedPacket {
  const packet = decodePacket(frame);
  if (packet === 'too_short') throw new Error('the test means a whole packet');
  return { ...packet, count: 1, protocol: 'bin', source };
}

/** Packets one behind the other in memory of their own. */
function chunkOf(...packets: Buffer[]): { chunk: Buffer; frames: Buffer[] } {
  const chunk = Buffer.from(new Uint8Array(Buffer.concat(packets)).buffer);
  let at = 0;
  const frames = packets.map(({ length }) => {
    at += length;
    return chunk.subarray(at - length, at);
  });
  return { chunk, frames };
}

/** Told at the instant 0 as seq 11 and on. */
function runOf(frames: readonly Buffer[]): PacketRun {
  const [first = Buffer.alloc(0), ...others] = frames;
  const run = new PacketRun(11, received(first), 0);
  for (const frame of others) expect(run.extend(received(frame), 0)).toBe(true);
  return run;
}

const THREE = [packetBytes(), packetBytes({ payload: 'second' }), packetBytes({ payload: 'third' })];

describe('a run of packets', () => {
  it('is the memory they arrived in, from any of them on', () => {
    const { chunk, frames } = chunkOf(...THREE);
    const run = runOf(frames);
    expect([run.seq, run.lastSeq, run.bytes]).toEqual([11, 13, chunk.length]);
    const fromFirst = run.framesFrom(11);
    expect([fromFirst.buffer, fromFirst.byteOffset, fromFirst.length]).toEqual([chunk.buffer, 0, chunk.length]);
    expect(run.framesFrom(12)).toEqual(Buffer.concat(THREE.slice(1)));
    expect([...run.packetsFrom(12)].map(({ seq, packet }) => [seq, packet.frame])).toEqual([
      [12, THREE[1]],
      [13, THREE[2]],
    ]);
  });

  it('steps over packets by the low 16 bits of their lengths', () => {
    const odd = packetBytes();
    odd.writeUInt16LE(0xbeef, 6);
    const { frames } = chunkOf(odd, ...THREE);
    expect(runOf(frames).framesFrom(12)).toEqual(Buffer.concat(THREE));
  });

  it('takes in no packet of other memory, of another connection or of another instant', () => {
    const { frames } = chunkOf(...THREE);
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = frames;
    const run = new PacketRun(1, received(first), 0);
    expect(run.extend(received(packetBytes()), 0)).toBe(false);
    expect(run.extend(received(second, { ...SOURCE }), 0)).toBe(false);
    expect(run.extend(received(second), 1)).toBe(false);
    expect(run.lastSeq).toBe(1);
  });

  it('gathers what arrived together with packets of others in between', () => {
    const other = packetBytes({ module: 'dialog' });
    const [one, two, three] = THREE as [Buffer, Buffer, Buffer];
    const { frames } = chunkOf(one, other, two, three, other);
    const run = runOf([0, 2, 3].map((i) => frames[i] ?? other));
    expect([run.lastSeq, run.bytes]).toEqual([13, Buffer.concat(THREE).length]);
    expect(run.framesFrom(11)).toEqual(Buffer.concat(THREE));
    expect(run.framesFrom(13)).toEqual(three);
  });

  it('holds 65,535 packets and not one more', () => {
    const small = packetBytes({ module: '' });
    const { frames } = chunkOf(...Array.from({ length: 65_536 }, () => small));
    const last = frames.pop() ?? small;
    const run = runOf(frames);
    expect(run.lastSeq).toBe(65_545);
    expect(run.extend(received(last), 0)).toBe(false);
  });

  it('lets go of memory that is mostly of others when it is closed', () => {
    const { chunk, frames } = chunkOf(...THREE, packetBytes({ module: 'dialog', payload: Buffer.alloc(1000) }));
    const run = runOf(frames.slice(0, 3));
    run.close();
    const kept = run.framesFrom(11);
    expect(kept).toEqual(Buffer.concat(THREE));
    expect(kept.buffer).not.toBe(chunk.buffer);
    expect(kept.buffer.byteLength).toBe(kept.length);
    expect(run.framesFrom(13)).toEqual(THREE[2]);
  });

  it('stays where it is when most of the memory is its own', () => {
    const { chunk, frames } = chunkOf(...THREE, packetBytes({ module: 'dialog' }));
    const run = runOf(frames.slice(0, 3));
    run.close();
    expect(run.framesFrom(11).buffer).toBe(chunk.buffer);
  });
});
