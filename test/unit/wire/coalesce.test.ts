import { FrameParser } from '../../../src/wire/frame.js';
import { packetBytes } from '../../support/peers/bin-peer.js';

/** What is taken together of packets that come in one chunk: how many at a time, and whether their bytes are those that came. */
function together(...packets: readonly Buffer[]): { counts: number[]; bytes: Buffer } {
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

describe('frames that are alike', () => {
  it('are taken together whatever their payloads', () => {
    const packets = [ONE, packetBytes({ payload: 'longer' }), packetBytes({ payload: '' })];
    expect(together(...packets)).toEqual({ counts: [3], bytes: Buffer.concat(packets) });
  });

  it('are the memory they arrived in', () => {
    const chunk = Buffer.concat([ONE, ONE]);
    const seen: Buffer[] = [];
    new FrameParser((frames) => seen.push(frames)).push(chunk);
    expect(seen.map(({ buffer, length }) => [buffer, length])).toEqual([[chunk.buffer, chunk.length]]);
  });

  it('are so whatever stands in the unused bytes of length and version', () => {
    const odd = packetBytes();
    odd.writeUInt16LE(0xbeef, 6);
    odd.writeUInt16LE(0xbeef, 10);
    expect(together(ONE, odd, ONE).counts).toEqual([3]);
  });

  // Each byte of the name, in names of every length modulo a word.
  const names = ['a', 'ab', 'abc', 'abcd', 'abcde'];
  const otherNames = names.flatMap((name) =>
    [...name].map((_, i) => [name, `${name.slice(0, i)}x${name.slice(i + 1)}`] as const),
  );
  test.each(otherNames)('of module %s are not those of %s', (module, other) => {
    const [one, two] = [packetBytes({ module }), packetBytes({ module: other })];
    expect(together(one, one, two, two, two).counts).toEqual([2, 3]);
  });

  test.each([
    ['longer module', packetBytes({ module: 'ulx' })],
    ['packet type', packetBytes({ packetType: 9 })],
    ['machine', packetBytes({ machineId: 9 })],
    ['machine, in its last byte', packetBytes({ machineId: 2 + 2 ** 24 })],
    ['version', packetBytes({ version: 2 })],
  ])('are not those of another %s', (_, other) => {
    expect(together(ONE, other, other, ONE)).toEqual({
      counts: [1, 2, 1],
      bytes: Buffer.concat([ONE, other, other, ONE]),
    });
  });

  it('are not those that are too short to hold all that must be alike', () => {
    const short = Buffer.from('5034434b1600000001000000020000000000000000000000', 'hex').subarray(0, 22);
    expect(together(short, short).counts).toEqual([1, 1]);
    expect(together(packetBytes({ module: '', payload: '' }), short).counts).toEqual([1, 1]);
  });

  it('do not hide a frame that is shorter than its own head', () => {
    const short = packetBytes({ payload: '' });
    short.writeUInt16LE(short.length - 1, 4);
    expect(together(ONE, short.subarray(0, -1), ONE).counts).toEqual([1, 1, 1]);
  });

  it('are handed on before the half of one that follows, and not with it', () => {
    const counts: number[] = [];
    const parser = new FrameParser((_, count) => counts.push(count));
    const chunk = Buffer.concat([ONE, ONE, ONE]);
    parser.push(chunk.subarray(0, -1));
    expect([counts, parser.pending]).toEqual([[2], true]);
    parser.push(chunk.subarray(-1));
    expect(counts).toEqual([2, 1]);
  });
});
