import { refusal } from '../../../../src/wire/cluster/dangers.js';
import { decodeExtra, encodeExtra } from '../../../../src/wire/cluster/extra.js';
import { FAMILIES, FAMILY_TRAITS, type Family } from '../../../../src/wire/cluster/family.js';
import { isFault } from '../../../../src/wire/cluster/fault.js';
import type { ExtraMessage } from '../../../../src/wire/cluster/messages.js';
import { packSync } from '../../../../src/wire/cluster/sync.js';

const route = { clusterId: 1, origin: 1, destination: 2 };

function headFor(family: Family) {
  return {
    ...route,
    capability: 'usrloc-contact-repl',
    dataVersion: FAMILY_TRAITS[family].syncVersion === 1 ? null : 3,
  };
}

function packed(sizes: readonly number[], family: Family, maxBytes?: number): readonly ExtraMessage[] {
  const chunks = sizes.map((size, i) => Buffer.alloc(size, i + 1));
  const messages = packSync(headFor(family), chunks, family, maxBytes);
  if (isFault(messages)) throw new Error(JSON.stringify(messages));
  return messages;
}

function frameOf(message: ExtraMessage, family: Family): Buffer {
  const frame = encodeExtra(message, family);
  if (isFault(frame)) throw new Error(JSON.stringify(frame));
  return frame;
}

describe.each(FAMILIES)('packSync in family %s', (family) => {
  it('keeps the chunks in order, and every packet within the limit', () => {
    const sizes = [100, 300, 1, 250, 399, 20, 20];
    const frames = packed(sizes, family, 500).map((message) => frameOf(message, family));
    expect(frames.length).toBeGreaterThan(3);
    expect(frames.every((frame) => frame.length <= 500)).toBe(true);
    const messages = frames.map((frame) => decodeExtra(frame, family) as ExtraMessage);
    const chunks = messages.flatMap((message) => (message.type === 'sync' ? message.chunks : []));
    expect(chunks.map((chunk) => chunk.length)).toEqual(sizes);
    expect(chunks.map((chunk) => chunk[0])).toEqual(sizes.map((_, i) => i + 1));
  });

  it('ends with one sync_end and the exact count', () => {
    for (const sizes of [[], [10], [400, 400, 400]]) {
      const messages = packed(sizes, family, 500);
      const ends = messages.filter(({ type }) => type === 'sync_end');
      expect(ends).toEqual([messages.at(-1)]);
      expect(messages.at(-1)).toMatchObject({ chunks: family === 'E' ? sizes.length : null });
    }
  });

  it('fills packets up to 65,515 bytes, whatever is asked for', () => {
    const frames = packed(Array(200).fill(999), family, 1_000_000).map((message) => frameOf(message, family));
    expect(frames.length).toBe(5);
    expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(65_515);
    expect(frames.every((frame) => refusal(frame, family) === null)).toBe(true);
  });

  it('gives a long chunk a packet of its own', () => {
    const messages = packed([10, 5000, 10], family, 500);
    expect(messages.map((message) => (message.type === 'sync' ? message.chunks.length : 0))).toEqual([1, 1, 1, 0]);
  });

  it('refuses a chunk that fits into no packet, and an empty one', () => {
    const long = [Buffer.alloc(1), Buffer.alloc(65_500)];
    expect(packSync(headFor(family), long, family)).toMatchObject({ fault: 'too_long', field: 'chunks[1]' });
    const empty = packSync(headFor(family), [Buffer.alloc(0)], family);
    expect(empty).toMatchObject({ fault: 'bad_chunk', field: 'chunks[0]' });
  });
});

describe('a damaged sync', () => {
  it.each([
    ['a size that is too large', 0, 31, 'truncated'],
    ['a wrong mark', 4, 7, 'bad_chunk'],
    ['a negative size', 0, -5, 'bad_chunk'],
    ['a size of 0', 0, 0, 'bad_chunk'],
  ])('is rejected at the chunk that has %s', (_, offset, value, reason) => {
    const [sync] = packed([10, 20, 30], 'E');
    const frame = frameOf(sync as ExtraMessage, 'E');
    const sizeAt = frame.length - 12 - 30 - 8;
    frame.writeInt32LE(value, sizeAt + offset);
    expect(decodeExtra(frame, 'E')).toEqual({ fault: reason, field: 'chunks[2]', offset: sizeAt + 8 });
  });
});
