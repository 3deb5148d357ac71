import { isNewer, isNewerReport, NONE, OwnSequence } from '../../../../src/domain/fleet/sequences.js';
import type { Sequence } from '../../../../src/wire/cluster/messages.js';

function sequence(text: string): Sequence {
  const [seq = 0, timestamp = 0] = text.split('@').map(Number);
  return { seq, timestamp };
}

/** Which of these are accepted, one after another. */
function accepted(texts: readonly string[], isNew = isNewer): string[] {
  let last = NONE;
  return texts.filter((text) => {
    const isAccepted = isNew(sequence(text), last);
    if (isAccepted) last = sequence(text);
    return isAccepted;
  });
}

describe('a sequence', () => {
  test.each<[string, string[], string[]]>([
    ['any first', ['7@10'], ['7@10']],
    ['nothing below zero', ['-1@10'], []],
    ['higher numbers, whatever their timestamp', ['5@10', '6@1', '6@20', '5@30'], ['5@10', '6@1']],
    ['a zero of a new life', ['5@10', '0@11', '1@11'], ['5@10', '0@11', '1@11']],
    ['a zero after a zero only with a later timestamp', ['0@10', '0@10', '0@9', '0@11'], ['0@10', '0@11']],
    ['no copy of a zero', ['0@10', '1@11', '0@10', '0@9'], ['0@10', '1@11']],
    ['no zero that was overtaken', ['0@10', '1@70', '0@69', '1@70', '2@71'], ['0@10', '1@70', '2@71']],
    ['a zero of a clock that was set back', ['0@90', '1@100', '0@70', '1@71'], ['0@90', '1@100', '0@70', '1@71']],
    ['no copy in a long run of zeros', ['0@10', '0@11', '0@50', '0@11'], ['0@10', '0@11', '0@50']],
    ['no zero of the last half minute', ['0@90', '1@100', '0@71'], ['0@90', '1@100']],
  ])('is accepted: %s', (_, offered, expected) => {
    expect(accepted(offered)).toEqual(expected);
  });

  test.each<[string, string[], string[]]>([
    ['that is later', ['3@100', '0@101', '1@101', '57@100', '2@102'], ['3@100', '0@101', '1@101', '2@102']],
    ['of no clock that was set back', ['3@100', '0@10', '4@10'], ['3@100']],
    ['of a machine that has sent one', ['-1@0', '0@1'], ['0@1']],
  ])('of another machine is accepted: one %s', (_, offered, expected) => {
    expect(accepted(offered, isNewerReport)).toEqual(expected);
  });
});

/** Calls `next` at these seconds, and returns the sequences with the numbers reserved. */
function use(own: OwnSequence, ...seconds: number[]): string[] {
  return seconds.map((at) => {
    const reserved: number[] = [];
    const { seq, timestamp } = own.next({ monotonicMs: at * 1000, unixMs: at * 1000 }, (it) => reserved.push(it));
    return [`${seq}@${timestamp}`, ...reserved].join(' ');
  });
}

describe('the own sequence', () => {
  it('continues after the number that was reserved', () => {
    const own = new OwnSequence(100, 60_000);
    expect(own.last).toEqual(NONE);
    expect(use(own, 10, 10, 11)).toEqual(['101@10 201', '102@10', '103@11']);
    expect(own.last).toEqual({ seq: 103, timestamp: 11 });
  });

  it('reserves again when the reserved numbers are used up', () => {
    const used = use(new OwnSequence(null, 0), ...Array.from({ length: 103 }, () => 10));
    expect(used[0]).toBe('0@10 100');
    expect(used.slice(100)).toEqual(['100@10', '101@10 201', '102@10']);
  });

  it('is 0 for a while when nothing is remembered, with growing timestamps', () => {
    expect(use(new OwnSequence(null, 60_000), 10, 10, 10, 20, 69, 70, 71)).toEqual([
      '0@10 100',
      '0@11',
      '0@12',
      '0@20',
      '0@69',
      '1@70',
      '2@71',
    ]);
  });

  it('is never earlier than the zeros before it, which may be ahead of the clock', () => {
    expect(use(new OwnSequence(null, 1_000), 10, 10, 10, 10, 11, 11, 14)).toEqual([
      '0@10 100',
      '0@11',
      '0@12',
      '0@13',
      '1@13',
      '2@13',
      '3@14',
    ]);
  });

  it('begins anew after the largest number', () => {
    expect(use(new OwnSequence(0x7fff_fffe, 60_000), 10, 10, 11)).toEqual([
      '2147483647@10 2147483647',
      '0@11 100',
      '0@12',
    ]);
  });

  it('of every life is accepted by who remembers the life before', () => {
    const used = use(new OwnSequence(null, 60_000), 10, 10, 11, 69, 70, 71).map((text) => text.split(' ')[0] ?? '');
    expect(accepted(['57@9', ...used])).toEqual(['57@9', ...used]);
  });
});
