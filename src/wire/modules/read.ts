import { toBase64 } from '../base64.js';
import type { Cursor } from './cursor.js';
import type { Condition, Field, Fields, Scalar } from './field.js';

/** The values of one group, by name. */
export type Values = Record<string, unknown>;

/** Reads fields at the cursor into `values`. After a fault the values are worthless. */
export type Reader = (cursor: Cursor, values: Values) => void;

/** Makes an object for the values of a group. */
type Empty = () => Record<string, unknown>;

/**
 * Returns a function that makes objects with all keys of these fields; conditional fields are added when they are there. V8 keeps objects that grow
 * key by key beyond about twenty as hash tables, which are slow to fill and to stringify. `JSON.parse` gives them one shape, and copies share it.
 */
export function compileEmpty(fields: Fields): Empty {
  const template: Record<string, unknown> = {};
  for (const { name, type, when } of fields) {
    if (when !== undefined) continue;
    template[name] = null;
    if ('hasRaw' in type && type.hasRaw) template[`${name}_raw`] = null;
  }
  const shaped: Record<string, unknown> = JSON.parse(JSON.stringify(template));
  return () => ({ ...shaped });
}

/** Compiles fields to closures, once: nothing is decided by name while a payload is read. */
export function compileReader(fields: Fields): Reader {
  return compileGroup(fields, readScalar);
}

/** Compiles a reader that only checks the structure. It stores no value but those that conditions need. */
export function compileChecker(fields: Fields): Reader {
  const needed = new Set(fields.map(({ when }) => when?.field));
  return compileGroup(fields, (name, type) => (needed.has(name) ? readScalar(name, type) : skipScalar(name, type)));
}

type ScalarCompiler = (name: string, type: Scalar) => Reader;

function compileGroup(fields: Fields, scalar: ScalarCompiler): Reader {
  const readers = fields.map((field) => compileField(field, scalar));
  return (cursor, values) => {
    for (const read of readers) {
      read(cursor, values);
      if (cursor.fault !== null) return;
    }
  };
}

function compileField(field: Field, scalar: ScalarCompiler): Reader {
  const read = compileType(field, scalar);
  const { when } = field;
  if (when === undefined) return read;
  return (cursor, values) => {
    if (holds(when, values)) read(cursor, values);
  };
}

/** Whether a conditional field is there. */
export function holds({ field, is }: Condition, values: Readonly<Record<string, unknown>>): boolean {
  return is === 'not_empty' ? values[field] !== '' : values[field] === is;
}

function compileType({ name, type }: Field, scalar: ScalarCompiler): Reader {
  if (type.kind === 'texts') return readTexts(name);
  if (!('fields' in type)) return scalar(name, type as Scalar);
  // The values that conditions need are those of the same group.
  const inner = scalar === readScalar ? compileReader(type.fields) : compileChecker(type.fields);
  const empty = compileEmpty(type.fields);
  return type.kind === 'object' ? readObject(name, inner, empty) : readList(name, inner, empty);
}

function readObject(name: string, read: Reader, empty: Empty): Reader {
  return (cursor, values) => {
    const inner = empty();
    read(cursor, inner);
    values[name] = inner;
  };
}

/** Every group has at least a string or an integer, so that each round advances. */
function readList(name: string, read: Reader, empty: Empty): Reader {
  return (cursor, values) => {
    const items: object[] = [];
    while (cursor.remaining > 0) {
      const item = empty();
      read(cursor, item);
      if (cursor.fault !== null) return;
      items.push(item);
    }
    values[name] = items;
  };
}

function readTexts(name: string): Reader {
  return (cursor, values) => {
    const start = cursor.at;
    const count = cursor.int(name);
    const items: unknown[] = [];
    if (count < 0) {
      cursor.at = start;
      cursor.fail(`the number of ${name} is ${count}`);
    }
    // A count that is too large ends with the payload: each string has at least its length.
    while (items.length < count && cursor.fault === null) items.push(jsonText(cursor.text(name)));
    values[name] = items;
  };
}

function jsonText(text: string | Uint8Array): unknown {
  return typeof text === 'string' ? text : { base64: toBase64(text) };
}

function skipScalar(name: string, { wire }: Scalar): Reader {
  switch (wire) {
    case 'int':
      return (cursor) => void cursor.int(name);
    case 'string':
      return (cursor) => void cursor.string(name);
    case 'bytes4':
      return (cursor) => void cursor.number(name, 4);
    case 'bytes8':
      return (cursor) => void cursor.number(name, 8);
    case 'rest':
      return (cursor) => void cursor.rest();
  }
}

function readScalar(name: string, type: Scalar): Reader {
  switch (type.wire) {
    case 'int':
      return withMeaning(name, type, (cursor) => cursor.int(name));
    case 'bytes4':
      return withMeaning(name, type, (cursor) => cursor.int4(name));
    case 'string':
      return readString(name, type);
    case 'bytes8':
      return readWide(name, type);
    case 'rest':
      return (cursor, values) => {
        values[name] = { base64: toBase64(cursor.rest()) };
      };
  }
}

function withMeaning(name: string, { meaning, hasRaw }: Scalar, int: (cursor: Cursor) => number): Reader {
  if (meaning?.of !== 'int') {
    return (cursor, values) => {
      values[name] = int(cursor);
    };
  }
  const rawName = `${name}_raw`;
  return (cursor, values) => {
    const raw = int(cursor);
    values[name] = meaning.read(raw);
    if (hasRaw) values[rawName] = raw;
  };
}

function readString(name: string, { meaning }: Scalar): Reader {
  if (meaning?.of !== 'text') {
    return (cursor, values) => {
      values[name] = jsonText(cursor.text(name));
    };
  }
  return (cursor, values) => {
    const text = cursor.text(name);
    values[name] = typeof text === 'string' ? meaning.read(text) : { base64: toBase64(text) };
  };
}

/** How many times 2^32 a number may have that JavaScript holds exactly. */
const EXACT_HIGH = 2 ** 21;

function readWide(name: string, { meaning }: Scalar): Reader {
  const read = meaning?.of === 'wide' ? meaning.read : wideNumber;
  return (cursor, values) => {
    const at = cursor.number(name, 8);
    if (cursor.fault !== null) return;
    values[name] = read(cursor.view.getInt32(at + 4, true), cursor.view.getInt32(at, true));
  };
}

/** Reads a signed number of 64 bits from its halves: a number where that is exact, otherwise decimal text. */
export function wideNumber(high: number, low: number): number | string {
  if (high < EXACT_HIGH && high >= -EXACT_HIGH) {
    const value = high * 2 ** 32 + (low >>> 0);
    if (Number.isSafeInteger(value)) return value;
  }
  return String((BigInt(high) << 32n) | BigInt(low >>> 0));
}
