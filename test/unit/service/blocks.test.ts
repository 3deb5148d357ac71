import { Blocks, type Kept } from '../../../src/service/blocks.js';

const filledWith = (byte: string, length = 30_000) => Buffer.alloc(length, byte);

/** Whether it holds these bytes. */
const holds = ({ block, start, end }: Kept, bytes: Buffer) => block.bytes.subarray(start, end).equals(bytes);

describe('blocks', () => {
  it('keep what they are given, one right behind the other, in memory of their own', () => {
    const blocks = new Blocks();
    const given = filledWith('a');
    const first = blocks.keep(given);
    const second = blocks.keep(filledWith('b'));
    given.fill('x');
    expect(second.block).toBe(first.block);
    expect(second.start).toBe(first.end);
    expect([holds(first, filledWith('a')), holds(second, filledWith('b'))]).toEqual([true, true]);
  });

  it('keep once what is given again and again for one registration after the other', () => {
    const blocks = new Blocks();
    const given = filledWith('a');
    const first = blocks.keep(given);
    expect(blocks.keep(given)).toBe(first);
    blocks.keep(filledWith('b'));
    expect(blocks.keep(given)).not.toBe(first);
  });

  it('begin another when it does not fit, and use one again that nobody holds', () => {
    const blocks = new Blocks();
    const kept = ['a', 'b', 'c', 'd'].map((byte) => blocks.keep(filledWith(byte)));
    const [a, , c] = kept as [Kept, Kept, Kept];
    expect(c.block).not.toBe(a.block);
    const again = blocks.keep(filledWith('e'));
    expect([again.block, again.start]).toEqual([a.block, 0]);
  });

  it('never use one again that is held', () => {
    const blocks = new Blocks();
    const a = blocks.keep(filledWith('a'));
    a.block.hold();
    a.block.hold();
    a.block.release();
    for (let i = 0; i < 20; i++) blocks.keep(filledWith('x'));
    expect(holds(a, filledWith('a'))).toBe(true);
  });

  it('take what is longer than a block, too', () => {
    const blocks = new Blocks();
    const long = blocks.keep(filledWith('l', 1_000_000));
    expect(holds(long, filledWith('l', 1_000_000))).toBe(true);
    const next = blocks.keep(filledWith('n'));
    expect(next.block).not.toBe(long.block);
    expect(holds(next, filledWith('n'))).toBe(true);
  });

  it('copy the same pieces once for whoever asks for them after one another', () => {
    const blocks = new Blocks();
    const [a, b, c] = ['a', 'b', 'c'].map((byte) => blocks.keep(filledWith(byte, 10))) as [Kept, Kept, Kept];
    const { block } = a;
    const copy = block.copyOf([a, c]);
    expect(String(copy)).toBe(`${'a'.repeat(10)}${'c'.repeat(10)}`);
    expect(block.copyOf([{ start: 0, end: 10 }, c])).toBe(copy);
    expect([[a, b], [a], [c, a]].map((pieces) => String(block.copyOf(pieces)).slice(-10))).toEqual(
      ['b', 'a', 'a'].map((byte) => byte.repeat(10)),
    );
  });

  it('copy anew what is in a block that is used again', () => {
    const blocks = new Blocks();
    const first = blocks.keep(filledWith('a'));
    first.block.copyOf([first]);
    for (const byte of ['b', 'c', 'd']) blocks.keep(filledWith(byte));
    const again = blocks.keep(filledWith('e'));
    expect([again.block, again.start]).toEqual([first.block, first.start]);
    expect(again.block.copyOf([again]).equals(filledWith('e'))).toBe(true);
  });
});
