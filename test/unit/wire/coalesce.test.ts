import { FrameParser } from '../../../src/wire/frame.js';
import { packetBytes } from '../../support/peers/bin-peer.js';

/** Parses packets that arrive in one chunk: returns the length of each run, and all bytes. */
function runsOf(...packets: readonly Buffer[]): { counts: number[]; bytes: Buffer } {
  const counts: number[] = [];
  const pieces: Buffer[] = [];
  const parser = new FrameParser((frames, count) => {
    counts.push(count);
    pieces.push(frames);
  });
  expect(parser.push(Buffer.concat(packets))).toBeNull();
  return { counts, bytes: Buffer.concat(pieces) };
}

const ONE = packetBytes();

describe('frames with the same header', () => {
  it('form one run, whatever their payloads', () => {
    const packets = [ONE, packetBytes({ payload: 'longer' }), packetBytes({ payload: '' })];
    expect(runsOf(...packets)).toEqual({ counts: [3], bytes: Buffer.concat(packets) });
  });

  it('are views of the chunk', () => {
    const chunk = Buffer.concat([ONE, ONE]);
    const seen: Buffer[] = [];
    new FrameParser((frames) => seen.push(frames)).push(chunk);
    expect(seen.map(({ buffer, length }) => [buffer, length])).toEqual([[chunk.buffer, chunk.length]]);
  });

  it('may differ in the unused bytes of length and version', () => {
    const odd = packetBytes();
    odd.writeUInt16LE(0xbeef, 6);
    odd.writeUInt16LE(0xbeef, 10);
    expect(runsOf(ONE, odd, ONE).counts).toEqual([3]);
  });

  // Each byte of the name, in names of every length modulo a word.
  const names = ['a', 'ab', 'abc', 'abcd', 'abcde'];
  const otherNames = names.flatMap((name) =>
    [...name].map((_, i) => [name, `${name.slice(0, i)}x${name.slice(i + 1)}`] as const),
  );
  test.each(otherNames)('are split between module %s and module %s', (module, other) => {
    const [one, two] = [packetBytes({ module }), packetBytes({ module: other })];
    expect(runsOf(one, one, two, two, two).counts).toEqual([2, 3]);
  });

  test.each([
    ['longer module', packetBytes({ module: 'ulx' })],
    ['packet type', packetBytes({ packetType: 9 })],
    ['machine', packetBytes({ machineId: 9 })],
    ['machine, in its last byte', packetBytes({ machineId: 2 + 2 ** 24 })],
    ['version', packetBytes({ version: 2 })],
  ])('are split at another %s', (_, other) => {
    expect(runsOf(ONE, other, other, ONE)).toEqual({
      counts: [1, 2, 1],
      bytes: Buffer.concat([ONE, other, other, ONE]),
    });
  });

  it('are a run each when they are too short for a whole header', () => {
    const short = Buffer.from('5034434b1600000001000000020000000000000000000000', 'hex').subarray(0, 22);
    expect(runsOf(short, short).counts).toEqual([1, 1]);
    expect(runsOf(packetBytes({ module: '', payload: '' }), short).counts).toEqual([1, 1]);
  });

  it('end before a frame that is shorter than its own header', () => {
    const short = packetBytes({ payload: '' });
    short.writeUInt16LE(short.length - 1, 4);
    expect(runsOf(ONE, short.subarray(0, -1), ONE).counts).toEqual([1, 1, 1]);
  });

  it('are delivered before the incomplete frame after them, and without it', () => {
    const counts: number[] = [];
    const parser = new FrameParser((_, count) => counts.push(count));
    const chunk = Buffer.concat([ONE, ONE, ONE]);
    parser.push(chunk.subarray(0, -1));
    expect([counts, parser.pending]).toEqual([[2], true]);
    parser.push(chunk.subarray(-1));
    expect(counts).toEqual([2, 1]);
  });
});
