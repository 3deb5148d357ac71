import { AlikeFrames } from '../../../src/wire/alike.js';
import { packetBytes } from '../../support/bin-peer.js';

/** What is gathered of packets that lie one behind the other: how many at a time, and whether their bytes are those that came. */
function gathered(...packets: readonly Buffer[]): { counts: number[]; bytes: Buffer } {
  const chunk = Buffer.concat(packets);
  const counts: number[] = [];
  const pieces: Buffer[] = [];
  const alike = new AlikeFrames((frames, count) => {
    counts.push(count);
    pieces.push(frames);
  });
  let at = 0;
  for (const { length } of packets) {
    alike.add(chunk, at, at + length);
    at += length;
  }
  alike.flush();
  return { counts, bytes: Buffer.concat(pieces) };
}

const ONE = packetBytes();

describe('frames that are alike', () => {
  it('are gathered whatever their payloads, and are the memory they arrived in', () => {
    const packets = [ONE, packetBytes({ payload: 'longer' }), packetBytes({ payload: '' })];
    expect(gathered(...packets)).toEqual({ counts: [3], bytes: Buffer.concat(packets) });
  });

  test.each([
    ['module', packetBytes({ module: 'rl' })],
    ['longer module', packetBytes({ module: 'ulx' })],
    ['packet type', packetBytes({ packetType: 9 })],
    ['machine', packetBytes({ machineId: 9 })],
    ['version', packetBytes({ version: 2 })],
  ])('are not those of another %s', (_, other) => {
    expect(gathered(ONE, other, other, ONE)).toEqual({
      counts: [1, 2, 1],
      bytes: Buffer.concat([ONE, other, other, ONE]),
    });
  });

  it('are not those that are too short to hold all that must be alike', () => {
    const short = Buffer.from('5034434b1600000001000000020000000000000000000000', 'hex').subarray(0, 22);
    expect(gathered(short, short).counts).toEqual([1, 1]);
  });

  it('are handed on once', () => {
    const counts: number[] = [];
    const alike = new AlikeFrames((_, count) => counts.push(count));
    alike.add(ONE, 0, ONE.length);
    alike.flush();
    alike.flush();
    expect(counts).toEqual([1]);
  });

  it('are not gathered from different memory', () => {
    const counts: number[] = [];
    const alike = new AlikeFrames((_, count) => counts.push(count));
    alike.add(ONE, 0, ONE.length);
    alike.add(Buffer.concat([ONE, ONE]), ONE.length, 2 * ONE.length);
    alike.flush();
    expect(counts).toEqual([1, 1]);
  });
});
