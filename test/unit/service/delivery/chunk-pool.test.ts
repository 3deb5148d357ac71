import type { Block, Tenant } from '../../../../src/service/delivery/chunk.js';
import { Blocks, type Kept } from '../../../../src/service/delivery/chunk-pool.js';

/** Three do not fit into one block. */
const LENGTH = 100_000;

const filledWith = (byte: string, length = LENGTH) => Buffer.alloc(length, byte);

/** Whether it holds these bytes. */
const holds = ({ block, start, end }: Kept, bytes: Buffer) => block.bytes.subarray(start, end).equals(bytes);

/** Keeps what stands there until it moves out. */
class Keeper implements Tenant {
  isThere = true;
  private readonly block: Block;
  private readonly bytes: number;

  constructor({ block, start, end }: Kept) {
    this.block = block;
    this.bytes = end - start;
    block.keep(this, this.bytes);
  }

  moveOut(): void {
    this.isThere = false;
    this.block.leave(this, this.bytes);
  }
}

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

  it('begin another when it does not fit, and use one again that nobody needs', () => {
    const blocks = new Blocks();
    const kept = ['a', 'b', 'c', 'd'].map((byte) => blocks.keep(filledWith(byte)));
    const [a, , c] = kept as [Kept, Kept, Kept];
    expect(c.block).not.toBe(a.block);
    const again = blocks.keep(filledWith('e'));
    expect([again.block, again.start]).toEqual([a.block, 0]);
  });

  it('never use one again in which somebody keeps something, or from which somebody reads', () => {
    const blocks = new Blocks();
    const a = blocks.keep(filledWith('a'));
    const keepers = [new Keeper(a), new Keeper(a)];
    a.block.hold();
    const goOn = () => {
      for (let i = 0; i < 20; i++) blocks.keep(filledWith('x'));
      return holds(a, filledWith('a'));
    };
    expect(goOn()).toBe(true);
    for (const keeper of keepers) keeper.moveOut();
    expect(goOn()).toBe(true);
    a.block.release();
    expect(goOn()).toBe(false);
  });

  it('have those move out who keep little of many, before 16 MiB more have come', () => {
    const blocks = new Blocks();
    const keepers = Array.from({ length: 500 }, () => {
      const keeper = new Keeper(blocks.keep(filledWith('x', 1_000)));
      blocks.keep(filledWith('x', 250_000));
      return keeper;
    });
    const blocksHeld = keepers.filter(({ isThere }) => isThere).length;
    expect(blocksHeld * 264 * 1_024).toBeLessThanOrEqual(2 ** 24);
  });

  it('let those stay who keep much of a block', () => {
    const blocks = new Blocks();
    const keepers = Array.from({ length: 500 }, () => {
      const keeper = new Keeper(blocks.keep(filledWith('x', 150_000)));
      blocks.keep(filledWith('x', 100_000));
      return keeper;
    });
    expect(keepers.every(({ isThere }) => isThere)).toBe(true);
  });

  it('let those stay, too, whose block is read from: it would be no freer', () => {
    const blocks = new Blocks();
    const kept = blocks.keep(filledWith('x', 1_000));
    const keeper = new Keeper(kept);
    kept.block.hold();
    for (let i = 0; i < 2; i++) blocks.keep(filledWith('x', 200_000));
    blocks.tidyUp();
    expect(keeper.isThere).toBe(true);
    kept.block.release();
    blocks.tidyUp();
    expect(keeper.isThere).toBe(false);
  });

  it('take what is longer than a block, too', () => {
    const blocks = new Blocks();
    const long = blocks.keep(filledWith('l', 1_000_000));
    expect(holds(long, filledWith('l', 1_000_000))).toBe(true);
    const next = blocks.keep(filledWith('n'));
    expect(next.block).not.toBe(long.block);
    expect(holds(next, filledWith('n'))).toBe(true);
  });

  it('copy the same pieces once for all who ask for them', () => {
    const blocks = new Blocks();
    const [a, b, c] = ['a', 'b', 'c'].map((byte) => blocks.keep(filledWith(byte, 10))) as [Kept, Kept, Kept];
    const { block } = a;
    const copy = block.copyOf([a, c]);
    expect(String(copy)).toBe(`${'a'.repeat(10)}${'c'.repeat(10)}`);
    block.copyOf([b]);
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
