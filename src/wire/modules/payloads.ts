import { Cursor } from './cursor.js';
import type { Fields, FieldType } from './field.js';
import { compileJson, type JsonReader } from './json.js';
import type { Layout } from './layout.js';
import { LAYOUTS } from './layouts.js';
import { compileChecker, compileEmpty, compileReader, type Reader } from './read.js';
import { Sink } from './sink.js';
import { compileWriter, type FieldFault, type KnownNames, type Writer } from './write.js';

export interface DecodedPayload {
  readonly name: string;
  /** Names in snake_case, values as docs/layouts.md describes them. Ready for `JSON.stringify`. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly layout: Layout;
}

export interface DecodeFault {
  /** Says what does not fit, with the byte offset in the payload. */
  readonly fault: string;
}

export interface EncodedPayload {
  readonly payload: Uint8Array;
  readonly packetType: number;
  readonly layout: Layout;
}

interface Compiled {
  readonly read: Reader;
  readonly check: Reader;
  readonly empty: () => Record<string, unknown>;
  readonly write: Writer;
}

const compiled = new Map<Layout, Compiled>();

function compile(layout: Layout): Compiled {
  let parts = compiled.get(layout);
  if (parts === undefined) {
    const { fields } = layout;
    const write = compileWriter(fields, namesOfPacket(layout));
    parts = {
      read: compileReader(fields),
      check: compileChecker(fields),
      empty: compileEmpty(fields),
      write,
    };
    compiled.set(layout, parts);
  }
  return parts;
}

function cursorOf(layout: Layout, payload: Uint8Array): Cursor {
  return new Cursor(payload, layout.dialect === '2.2' ? 4 : 2);
}

/** Sets the fault of a cursor that has read a whole layout and not the whole payload. */
function end(cursor: Cursor): boolean {
  if (cursor.fault === null && cursor.remaining > 0) cursor.fail('the packet should end');
  return cursor.fault === null;
}

/** Returns what the first layout that fits gives, or the fault of the one that got furthest. */
function firstThatFits<T>(
  layouts: readonly Layout[],
  payload: Uint8Array,
  read: (layout: Layout, cursor: Cursor) => T,
): T | DecodeFault {
  let fault = 'there is no table for this packet at byte 0';
  let furthest = -1;
  for (const layout of layouts) {
    const cursor = cursorOf(layout, payload);
    const result = read(layout, cursor);
    if (end(cursor)) return result;
    if (cursor.at > furthest) [furthest, fault] = [cursor.at, `${layout.name}: ${cursor.fault}`];
  }
  return { fault };
}

/**
 * Decodes a payload with the first of `layouts` (`layoutsOf`) that fits to its last byte. If none does, the fault is that of the layout that
 * got furthest. Never throws.
 */
export function decodePayload(layouts: readonly Layout[], payload: Uint8Array): DecodedPayload | DecodeFault {
  return firstThatFits(layouts, payload, (layout, cursor) => {
    const { read, empty } = compile(layout);
    const fields = empty();
    read(cursor, fields);
    return { name: layout.name, fields, layout };
  });
}

/** Decodes as `decodePayload` does, to the JSON text `{"name":…,"fields":…}`: for those who only pass it on. */
export type JsonDecoder = (layouts: readonly Layout[], payload: Uint8Array) => { readonly json: string } | DecodeFault;

/** Makes a decoder to JSON. @param redacted the names of fields whose values it hides */
export function jsonDecoder(redacted: ReadonlySet<string> = new Set()): JsonDecoder {
  const readers = new Map<Layout, JsonReader>();
  const readerOf = (layout: Layout) => {
    let reader = readers.get(layout);
    if (reader === undefined) {
      reader = compileJson(layout.fields, redacted);
      readers.set(layout, reader);
    }
    return reader;
  };
  return (layouts, payload) =>
    firstThatFits(layouts, payload, (layout, cursor) => {
      return { json: `{"name":"${layout.name}","fields":${readerOf(layout)(cursor, {})}}` };
    });
}

/** Returns whether one of `layouts` fits to the last byte. Reads no texts. */
export function fits(layouts: readonly Layout[], payload: Uint8Array): boolean {
  return layouts.some((layout) => {
    const cursor = cursorOf(layout, payload);
    compile(layout).check(cursor, {});
    return end(cursor);
  });
}

/**
 * Encodes fields with the first of `layouts` (`layoutsNamed`) that has them all. Fields that only other versions of the packet have are left
 * out, so that one set of fields suits machines of several releases. Returns the faults of the layout with the fewest, or null if `layouts` is empty.
 */
export function encodePayload(
  layouts: readonly Layout[],
  fields: Readonly<Record<string, unknown>>,
): EncodedPayload | { readonly faults: readonly FieldFault[] } | null {
  let fewest: FieldFault[] | null = null;
  for (const layout of layouts) {
    const sink = new Sink(layout.dialect === '2.2' ? 4 : 2);
    const faults: FieldFault[] = [];
    compile(layout).write(sink, fields, '', faults);
    if (faults.length === 0) return { payload: sink.payload(), packetType: layout.packetType, layout };
    if (fewest === null || faults.length < fewest.length) fewest = faults;
  }
  return fewest === null ? null : { faults: fewest };
}

/** In 2.4 the capabilities that took over from the modules of 2.2. */
export const SUCCESSORS: Readonly<Record<string, string>> = {
  ul: 'usrloc-contact-repl',
  dialog: 'dialog-dlg-repl',
  ratelimit: 'ratelimit-pipe-repl',
};

function successorOf(module: string): string {
  return SUCCESSORS[module] ?? module;
}

/** The names of the fields of a packet in all versions and both dialects. */
function namesOfPacket({ module, name }: Layout): KnownNames {
  const names = new Map<string, Set<string>>();
  for (const layout of LAYOUTS) {
    if (layout.name === name && successorOf(layout.module) === successorOf(module)) addNames(names, '', layout.fields);
  }
  return names;
}

function addNames(names: Map<string, Set<string>>, group: string, fields: Fields): void {
  const own = names.get(group) ?? new Set();
  names.set(group, own);
  for (const { name, type } of fields as readonly { name: string; type: FieldType }[]) {
    own.add(name);
    if ('hasRaw' in type && type.hasRaw) own.add(`${name}_raw`);
    if ('fields' in type) addNames(names, name, type.fields);
  }
}
