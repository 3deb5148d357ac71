import { toBase64 } from '../base64.js';
import type { Cursor } from './cursor.js';
import type { Field, Fields, Scalar } from './field.js';
import type { TextMeaning, WideMeaning } from './meaning.js';
import { compileReader, holds, type Values, wideNumber } from './read.js';

/** What stands in place of a value that nobody may see. */
const REDACTED = '"(redacted)"';

/** Reads fields at the cursor as JSON. `values` gets what conditions need. After a fault the text is worthless. */
export type JsonReader = (cursor: Cursor, values: Values) => string;

/**
 * Compiles fields to closures that write JSON directly: the same text as `JSON.stringify` of what `compileReader` reads, in a fifth to a half
 * less time, since few objects are made and most texts need no escapes.
 * @param redacted the names of fields whose values, and raw numbers, are hidden; in groups and lists, too
 */
export function compileJson(fields: Fields, redacted: ReadonlySet<string>): JsonReader {
  const needed = new Set(fields.map(({ when }) => when?.field));
  const readers = fields.map((field) => compileField(field, needed.has(field.name), redacted));
  return (cursor, values) => {
    let json = '';
    for (const read of readers) {
      const member = read(cursor, values);
      if (cursor.fault !== null) return '';
      if (member !== '') json += json === '' ? member : `,${member}`;
    }
    return `{${json}}`;
  };
}

/** Returns a reader of `"name":value`, or of nothing where the field is absent. */
function compileField(field: Field, isNeeded: boolean, redacted: ReadonlySet<string>): JsonReader {
  const { name, when } = field;
  const key = `${JSON.stringify(name)}:`;
  const shown = isNeeded ? compileStored(field, key) : compileMember(field, key, redacted);
  const read = redacted.has(name) ? compileHidden(field, key, shown) : shown;
  return when === undefined ? read : (cursor, values) => (holds(when, values) ? read(cursor, values) : '');
}

/** A redacted field is read all the same: whether it fits, and what conditions need. */
function compileHidden({ name, type }: Field, key: string, read: JsonReader): JsonReader {
  const hidden = key + REDACTED + ('hasRaw' in type && type.hasRaw ? `,"${name}_raw":${REDACTED}` : '');
  return (cursor, values) => {
    read(cursor, values);
    return hidden;
  };
}

/** A field that a condition needs: its value is read first. */
function compileStored({ name, type }: Field, key: string): JsonReader {
  const read = compileReader([{ name, type }]);
  return (cursor, values) => {
    read(cursor, values);
    const value = values[name];
    return key + (typeof value === 'number' ? value : JSON.stringify(value));
  };
}

function compileMember({ name, type }: Field, key: string, redacted: ReadonlySet<string>): JsonReader {
  if (type.kind === 'texts' || ('wire' in type && type.wire === 'rest')) return compileStored({ name, type }, key);
  if (!('fields' in type)) return compileScalar(name, type as Scalar, key);
  const group = compileJson(type.fields, redacted);
  if (type.kind === 'object') return (cursor) => key + group(cursor, {});
  return (cursor) => {
    let items = '';
    while (cursor.remaining > 0 && cursor.fault === null) items += `${items === '' ? '' : ','}${group(cursor, {})}`;
    return `${key}[${items}]`;
  };
}

function compileScalar(name: string, { wire, meaning, hasRaw }: Scalar, key: string): JsonReader {
  if (wire === 'string')
    return meaning?.of === 'text' ? compileNames(name, meaning, key) : (cursor) => key + cursor.json(name);
  if (wire === 'bytes8') return compileWide(name, meaning?.of === 'wide' ? meaning.read : wideNumber, key);
  const read = wire === 'bytes4' ? (cursor: Cursor) => cursor.int4(name) : (cursor: Cursor) => cursor.int(name);
  if (meaning?.of !== 'int') return (cursor) => key + read(cursor);
  const rawKey = `,"${name}_raw":`;
  // Flags, methods and q are mostly the same from packet to packet.
  let last = { raw: 0, json: JSON.stringify(meaning.read(0)) };
  return (cursor) => {
    const raw = read(cursor);
    if (raw !== last.raw) last = { raw, json: JSON.stringify(meaning.read(raw)) };
    return hasRaw ? key + last.json + rawKey + raw : key + last.json;
  };
}

function compileNames(name: string, meaning: TextMeaning, key: string): JsonReader {
  const none = JSON.stringify(meaning.read(''));
  return (cursor) => {
    const text = cursor.text(name);
    if (text === '') return key + none;
    return key + JSON.stringify(typeof text === 'string' ? meaning.read(text) : { base64: toBase64(text) });
  };
}

function compileWide(name: string, read: WideMeaning['read'], key: string): JsonReader {
  return (cursor) => {
    const at = cursor.number(name, 8);
    if (cursor.fault !== null) return '';
    const value = read(cursor.view.getInt32(at + 4, true), cursor.view.getInt32(at, true));
    return key + (typeof value === 'number' ? value : JSON.stringify(value));
  };
}
