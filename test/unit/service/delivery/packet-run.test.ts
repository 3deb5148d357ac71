import { Blocks } from '../../../../src/service/delivery/chunk-pool.js';
import { PacketRun } from '../../../../src/service/delivery/packet-run.js';
import { decodePacket, type ReceivedPacket } from '../../../../src/wire/packet.js';
import { packetBytes } from '../../../support/peers/bin-peer.js';

const SOURCE = { ip: '127.0.0.2', port: 1 };

function received(frame: Buffer, source = SOURCE): ReceivedPacket {
  const packet = decodePacket(frame);
  if (packet === 'too_short') throw new Error('the test means a whole packet');
  return { ...packet, count: 1, protocol: 'bin', source };
}

/** Told at the instant 0 as seq 11 and on, with packets of others (null) in between in the same block. */
function runOf(packets: readonly (Buffer | null)[], blocks = new Blocks()): PacketRun {
  const [first, ...others] = packets;
  if (!first) throw new Error('a run begins with a packet of its own');
  const run = new PacketRun(11, received(first), blocks.keep(first), 0);
  for (const frame of others) {
    if (frame === null) blocks.keep(packetBytes({ module: 'dialog' }));
    else expect(run.extend(received(frame), blocks.keep(frame), 0)).toBe(true);
  }
  return run;
}

const THREE = [packetBytes(), packetBytes({ payload: 'second' }), packetBytes({ payload: 'third' })];

/** As much as makes most of a block. */
const LARGE = packetBytes({ payload: Buffer.alloc(60_000, 'x') });

describe('a run of packets', () => {
  it('is the block they are kept in, from any of them on', () => {
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

  it('steps over packets by the low 16 bits of their lengths', () => {
    const odd = packetBytes();
    odd.writeUInt16LE(0xbeef, 6);
    expect(runOf([odd, ...THREE]).framesFrom(12)).toEqual(Buffer.concat(THREE));
  });

  it('takes in no packet of another block, of another connection or of another instant', () => {
    const blocks = new Blocks();
    const [first, second] = THREE as [Buffer, Buffer];
    const run = new PacketRun(1, received(first), blocks.keep(first), 0);
    const kept = blocks.keep(second);
    expect(run.extend(received(second), new Blocks().keep(second), 0)).toBe(false);
    expect(run.extend(received(second, { ...SOURCE }), kept, 0)).toBe(false);
    expect(run.extend(received(second), kept, 1)).toBe(false);
    expect(run.lastSeq).toBe(1);
  });

  it('gathers what arrived together with packets of others in between, and takes in nothing more then', () => {
    const blocks = new Blocks();
    const [one, two, three] = THREE as [Buffer, Buffer, Buffer];
    const run = runOf([one, null, two, three, null], blocks);
    expect([run.lastSeq, run.bytes]).toEqual([13, Buffer.concat(THREE).length]);
    expect(run.framesFrom(11)).toEqual(Buffer.concat(THREE));
    expect(run.framesFrom(13)).toEqual(three);
    expect(run.extend(received(one), blocks.keep(one), 0)).toBe(false);
  });

  it('holds 65,535 packets and not one more', () => {
    const one = received(packetBytes({ module: '' }));
    const { block } = new Blocks().keep(Buffer.alloc(65_536));
    const run = new PacketRun(11, one, { block, start: 0, end: 1 }, 0);
    for (let at = 1; at < 65_535; at++) run.extend(one, { block, start: at, end: at + 1 }, 0);
    expect([run.lastSeq, run.bytes]).toEqual([65_545, 65_535]);
    expect(run.extend(one, { block, start: 65_535, end: 65_536 }, 0)).toBe(false);
  });

  it('moves out of a block that is mostly of others, and takes in nothing more', () => {
    const blocks = new Blocks();
    const [one] = THREE as [Buffer];
    const run = runOf(THREE, blocks);
    const block = run.framesFrom(11).buffer;
    run.moveOutIfSmall();
    const kept = run.framesFrom(11);
    expect(kept).toEqual(Buffer.concat(THREE));
    expect(kept.buffer).not.toBe(block);
    expect(kept.buffer.byteLength).toBe(kept.length);
    expect(run.framesFrom(13)).toEqual(THREE[2]);
    expect(run.lend()).toBeNull();
    expect(run.extend(received(one), blocks.keep(one), 0)).toBe(false);
  });

  it('stays where it is when most of the block is its own', () => {
    const run = runOf([LARGE, LARGE, LARGE]);
    const block = run.framesFrom(11).buffer;
    run.moveOutIfSmall();
    expect(run.framesFrom(11).buffer).toBe(block);
  });

  it('stays readable for whom it was lent to, whoever lets go of it meanwhile', () => {
    const blocks = new Blocks();
    const run = runOf([LARGE], blocks);
    const sent = run.framesFrom(11);
    const block = run.lend();
    run.release();
    const goOn = () => {
      for (let i = 0; i < 20; i++) blocks.keep(packetBytes({ payload: Buffer.alloc(60_000, String(i % 10)) }));
    };
    goOn();
    expect(sent).toEqual(LARGE);
    block?.release();
    goOn();
    expect(sent).not.toEqual(LARGE);
  });
});
