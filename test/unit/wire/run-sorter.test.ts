import { FrameParser } from '../../../src/wire/frame.js';
import type { FrameRun } from '../../../src/wire/frame-run.js';
import { packetBytes } from '../../support/peers/bin-peer.js';
import { framesOf } from '../../support/peers/runs.js';

/** The runs of packets that arrive in one read. A run is only valid during its callback, so `read` is called then. */
function runsOf<T>(packets: readonly Buffer[], read: (run: FrameRun) => T): T[] {
  const runs: T[] = [];
  const parser = new FrameParser({ run: (run) => runs.push(read(run)), tooShort: () => {} });
  expect(parser.push(Buffer.concat(packets))).toBeNull();
  return runs;
}

const countsOf = (...packets: readonly Buffer[]) => runsOf(packets, ({ count }) => count);

/** The memory of the runs of one read. */
function piecesOf(read: Buffer): (readonly Buffer[])[] {
  const pieces: (readonly Buffer[])[] = [];
  new FrameParser({ run: (run) => pieces.push(run.pieces), tooShort: () => {} }).push(read);
  return pieces;
}

const ONE = packetBytes();
const OTHER_MODULE = packetBytes({ module: 'dialog', payload: 'other' });

describe('packets of one read', () => {
  it('form one run if they have the same module and machine, whatever their types, versions and payloads', () => {
    const packets = [
      ONE,
      packetBytes({ packetType: 9 }),
      packetBytes({ version: 2 }),
      packetBytes({ payload: 'longer' }),
    ];
    expect(runsOf(packets, framesOf)).toEqual([packets]);
  });

  it('are copied only if packets of other runs lie between them', () => {
    const read = Buffer.concat([ONE, ONE, OTHER_MODULE, OTHER_MODULE]);
    expect(piecesOf(read).map(([piece]) => piece?.buffer === read.buffer)).toEqual([true, true]);
    expect(piecesOf(Buffer.concat([read, ONE])).map(([piece]) => piece?.buffer === read.buffer)).toEqual([
      false,
      false,
    ]);
  });

  it('form a run for each module, however they alternate, in the order of the first packets', () => {
    const longer = packetBytes({ payload: 'longer' });
    expect(runsOf([ONE, OTHER_MODULE, longer, OTHER_MODULE, OTHER_MODULE, ONE], framesOf)).toEqual([
      [ONE, longer, ONE],
      [OTHER_MODULE, OTHER_MODULE, OTHER_MODULE],
    ]);
  });

  it('keep their order in a module: a packet of another machine ends the run', () => {
    const machine9 = packetBytes({ machineId: 9 });
    expect(runsOf([ONE, machine9, OTHER_MODULE, machine9, ONE], framesOf)).toEqual([
      [ONE],
      [machine9, machine9],
      [OTHER_MODULE],
      [ONE],
    ]);
  });

  it('form more runs than modules when more than eight modules alternate', () => {
    const nine = Array.from('abcdefghi', (module) => packetBytes({ module }));
    expect(countsOf(...nine.slice(1), ...nine.slice(1))).toEqual(Array.from({ length: 8 }, () => 2));
    expect(countsOf(...nine, ...nine)).toEqual(Array.from({ length: 18 }, () => 1));
  });

  it('have the head of the first packet of their run', () => {
    const packets = [packetBytes({ packetType: 7, version: 3 }), ONE];
    expect(runsOf(packets, ({ head }) => [head.packetType, head.version])).toEqual([[7, 3]]);
  });

  // Each byte of the name, in names of every length modulo a word.
  const names = ['a', 'ab', 'abc', 'abcd', 'abcde'];
  const otherNames = names.flatMap((name) =>
    [...name].map((_, i) => [name, `${name.slice(0, i)}x${name.slice(i + 1)}`] as const),
  );
  test.each(otherNames)('are separated between module %s and module %s', (module, other) => {
    const [one, two] = [packetBytes({ module }), packetBytes({ module: other })];
    expect(countsOf(one, two, one, two, two)).toEqual([2, 3]);
  });

  test.each([
    ['a longer module', packetBytes({ module: 'ulx' })],
    ['another machine', packetBytes({ machineId: 9 })],
    ['another machine, in its last byte', packetBytes({ machineId: 2 + 2 ** 24 })],
  ])('are separated from those of %s', (_, other) => {
    expect(countsOf(ONE, other, other)).toEqual([1, 2]);
  });

  it('are dropped one by one if they are too short for a head', () => {
    const short = Buffer.from('5034434b1600000001000000020000000000000000000000', 'hex').subarray(0, 22);
    expect(countsOf(packetBytes({ module: '' }), short, ONE, short, ONE)).toEqual([1, 2]);
  });

  describe('and one that began in the read before', () => {
    const machine9 = packetBytes({ machineId: 9 });
    const FIRST = packetBytes({ packetType: 7 });

    test.each([
      ['are one run if they have the same origin', [ONE, OTHER_MODULE, ONE], [[FIRST, ONE, ONE], [OTHER_MODULE]]],
      ['are one run also if another module comes first', [OTHER_MODULE, ONE], [[OTHER_MODULE], [FIRST, ONE]]],
      ['are a run each if they are of different machines', [machine9, machine9], [[FIRST], [machine9, machine9]]],
      ['keep their order if another machine comes between', [machine9, ONE], [[FIRST], [machine9], [ONE]]],
      ['are a run each if they are of different modules', [OTHER_MODULE], [[FIRST], [OTHER_MODULE]]],
    ] as const)('%s', (_, packets, expected) => {
      const runs: Buffer[][] = [];
      const parser = new FrameParser({ run: (run) => runs.push(framesOf(run)), tooShort: () => {} });
      parser.push(FIRST.subarray(0, 20));
      expect(runs).toEqual([]);
      parser.push(Buffer.concat([FIRST.subarray(20), ...packets]));
      expect(runs).toEqual(expected);
    });

    it('have the head of that one', () => {
      const heads: number[] = [];
      const parser = new FrameParser({ run: ({ head }) => heads.push(head.packetType), tooShort: () => {} });
      parser.push(FIRST.subarray(0, 20));
      parser.push(Buffer.concat([FIRST.subarray(20), ONE]));
      expect(heads).toEqual([7]);
    });
  });

  it('come before the incomplete packet after them, and without it', () => {
    const counts: number[] = [];
    const parser = new FrameParser({ run: ({ count }) => counts.push(count), tooShort: () => {} });
    const chunk = Buffer.concat([ONE, ONE, ONE]);
    parser.push(chunk.subarray(0, -1));
    expect([counts, parser.pending]).toEqual([[2], true]);
    parser.push(chunk.subarray(-1));
    expect(counts).toEqual([2, 1]);
  });
});
