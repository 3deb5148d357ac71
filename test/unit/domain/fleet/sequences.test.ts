import { accept, NONE, NOTHING_ACCEPTED, OwnSequence } from '../../../../src/domain/fleet/sequences.js';
import type { Sequence } from '../../../../src/wire/cluster/messages.js';

function sequence(text: string): Sequence {
  const [seq = 0, timestamp = 0] = text.split('@').map(Number);
  return { seq, timestamp };
}

/** Which of these are accepted, one after another. */
function accepted(...texts: string[]): string[] {
  let state = NOTHING_ACCEPTED;
  return texts.filter((text) => {
    const after = accept(sequence(text), state);
    state = after ?? state;
    return after !== null;
  });
}

describe('a sequence', () => {
  test.each<[string, string[], string[]]>([
    ['any first', ['7@10'], ['7@10']],
    ['nothing below zero', ['-1@10'], []],
    ['higher numbers, whatever their timestamp', ['5@10', '6@1', '6@20', '5@30'], ['5@10', '6@1']],
    ['a zero after a higher number', ['5@10', '0@1', '1@1'], ['5@10', '0@1', '1@1']],
    ['a zero after a zero only with a later timestamp', ['0@10', '0@10', '0@9', '0@11'], ['0@10', '0@11']],
    ['no copy of a zero', ['0@10', '1@10', '0@10', '0@9'], ['0@10', '1@10']],
    [
      'a zero of a clock that was set back',
      ['0@1000', '1@1000', '0@880', '1@881'],
      ['0@1000', '1@1000', '0@880', '1@881'],
    ],
    ['no zero of the last two minutes', ['0@1000', '1@1000', '0@881'], ['0@1000', '1@1000']],
  ])('is accepted: %s', (_, offered, expected) => {
    expect(accepted(...offered)).toEqual(expected);
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

  it('begins anew after the largest number', () => {
    expect(use(new OwnSequence(0x7fff_fffe, 60_000), 10, 11, 12)).toEqual([
      '2147483647@10 2147483647',
      '0@11 100',
      '0@12',
    ]);
  });

  it('of every life is accepted by who remembers the life before', () => {
    let state = accept(sequence('57@9'), NOTHING_ACCEPTED) ?? NOTHING_ACCEPTED;
    const lost = new OwnSequence(null, 60_000);
    for (const text of use(lost, 10, 10, 11, 69, 70, 71)) {
      const after = accept(sequence(text.split(' ')[0] ?? ''), state);
      expect(after).not.toBeNull();
      state = after ?? state;
    }
  });
});
