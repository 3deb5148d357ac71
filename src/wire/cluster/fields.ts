import { isPrintable } from '../dialects/detect.js';
import type { FieldReader } from './reader.js';
import type { FieldWriter } from './writer.js';

/** One field of a message: how it is read, and how it is written. A fault is kept in the reader or writer. */
export interface Field<T> {
  read(reader: FieldReader): T;
  write(writer: FieldWriter, value: T): void;
}

export const int: Field<number> = {
  read: (reader) => reader.int(),
  write: (writer, value) => writer.int(value),
};

/** An integer that counts: not negative. */
export const count: Field<number> = {
  read(reader) {
    const value = reader.int();
    if (value < 0) reader.fail('out_of_range');
    return value;
  },
  write(writer, value) {
    if (value < 0) writer.fail('out_of_range');
    writer.int(value);
  },
};

/** UTF-8; other bytes become U+FFFD. */
export const text: Field<string> = {
  read: (reader) => reader.string().toString('utf8'),
  write: (writer, value) => writer.string(Buffer.from(value)),
};

/** A name of the protocol: printable ASCII, and not empty. */
export const name: Field<string> = {
  read(reader) {
    const bytes = reader.string();
    if (!isName(bytes)) reader.fail('bad_name');
    return bytes.toString('latin1');
  },
  write(writer, value) {
    const bytes = Buffer.from(value);
    if (!isName(bytes)) writer.fail('bad_name');
    writer.string(bytes);
  },
};

/** Whether these bytes can be a name of the protocol. */
export function isName(bytes: Buffer): boolean {
  return bytes.length > 0 && bytes.every(isPrintable);
}

/** An integer that is `yes` or `no`. */
export function flag(yes = 1, no = 0): Field<boolean> {
  return {
    read(reader) {
      const value = reader.int();
      if (value !== yes && value !== no) reader.fail('out_of_range');
      return value === yes;
    },
    write: (writer, value) => writer.int(value ? yes : no),
  };
}

/** A field that this family does not have. */
export const absent: Field<null> = {
  read: () => null,
  write(writer, value) {
    if (value !== null) writer.fail('not_in_family');
  },
};

/** A flag, and the field if the flag is set. */
export function optional<T>(field: Field<T>): Field<T | null> {
  const isThere = flag();
  return {
    read: (reader) => (isThere.read(reader) ? field.read(reader) : null),
    write(writer, value) {
      isThere.write(writer, value !== null);
      if (value !== null) field.write(writer, value);
    },
  };
}

/** A count, and that many items. More than `most` are a fault, before any of them is read. */
export function list<T>(item: Field<T>, most: number): Field<readonly T[]> {
  return {
    read(reader) {
      const length = reader.int();
      if (length < 0 || length > most) reader.fail('too_many');
      const items: T[] = [];
      for (let i = 0; i < length && reader.fault === null; i++) {
        items.push(reader.within(`[${i}]`, () => item.read(reader)));
      }
      return items;
    },
    write(writer, items) {
      if (items.length > most) writer.fail('too_many');
      writer.int(items.length);
      for (let i = 0; i < items.length && writer.fault === null; i++) {
        writer.within(`[${i}]`, () => item.write(writer, items[i] as T));
      }
    },
  };
}

type Fields<T> = { readonly [K in keyof T]: Field<T[K]> };

/** These fields, one after another. */
export function record<T extends object>(fields: Fields<T>): Field<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  return {
    read(reader) {
      return Object.fromEntries(
        keys.map((key) => [key, reader.within(`.${key}`, () => fields[key].read(reader))]),
      ) as T;
    },
    write(writer, value) {
      // A message of one family may lack what another family needs.
      if (value === null) writer.fail('missing');
      else for (const key of keys) writer.within(`.${key}`, () => fields[key].write(writer, value[key]));
    },
  };
}
