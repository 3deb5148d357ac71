import type { Field } from './fields.js';

/** Before the data of each chunk of a sync: the number 101,010,101. */
const MARK = 101_010_101;
const MARK_BYTES = Buffer.alloc(4);
MARK_BYTES.writeInt32LE(MARK);

/** The most bytes of a chunk besides its data: the size (not in family C1), and the mark. */
export const CHUNK_HEAD_BYTES = 8;

/**
 * Chunks up to the end: the size of the data, the mark, and the data. At least one, and none empty: a daemon would read fields that are not
 * there. After a fault the chunks before it are kept.
 */
export const sizedChunks: Field<readonly Uint8Array[]> = chunks((reader) => {
  const size = reader.int();
  if (reader.int() !== MARK || size < 1) reader.fail('bad_chunk');
  return reader.take(size);
}, true);

/** Family C1 writes no size: a chunk ends where the next mark is. Data with the bytes of the mark are read as two chunks. */
export const markedChunks: Field<readonly Uint8Array[]> = chunks((reader) => {
  if (reader.int() !== MARK) reader.fail('bad_chunk');
  const data = reader.take(reader.distanceTo(MARK_BYTES));
  if (data.length === 0) reader.fail('bad_chunk');
  return data;
}, false);

type ReadChunk = (reader: Parameters<Field<unknown>['read']>[0]) => Uint8Array;

function chunks(readChunk: ReadChunk, hasSizes: boolean): Field<readonly Uint8Array[]> {
  return {
    read(reader) {
      const read: Uint8Array[] = [];
      do {
        const data = reader.within(`[${read.length}]`, () => readChunk(reader));
        if (reader.fault === null) read.push(data);
      } while (reader.fault === null && reader.remaining > 0);
      return read;
    },
    write(writer, values) {
      if (values.length === 0) writer.fail('bad_chunk');
      values.forEach((data, i) => {
        writer.within(`[${i}]`, () => {
          if (data.length === 0) writer.fail('bad_chunk');
          if (hasSizes) writer.int(data.length);
          writer.int(MARK);
          writer.bytes(data);
        });
      });
    },
  };
}
