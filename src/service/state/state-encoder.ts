import { ByteWriter } from './byte-writer.js';
import type { StateClasses } from './state-classes.js';
import { SMALL, TAG } from './tags.js';

/** What an instance is for the encoder. */
interface Layout {
  readonly number: number;
  readonly name: string;
  /** Those of the first instance: all have the same, which a constructor sets. */
  readonly fields: readonly string[];
}

/** The keys of some records, in order of their names. */
interface KeyList {
  readonly number: number;
  readonly keys: readonly string[];
}

/** A record nests no deeper in any state; a circle of records does. */
const DEEPEST = 50;

/**
 * Turns a state into bytes. An instance of a class is written once and has an identity; all else is a value, so that equal states have equal bytes
 * whether their values are shared or not. Instances are written in the order in which they are found, not inside each other: they form circles
 * and long chains.
 */
export class StateEncoder {
  private readonly out = new ByteWriter();
  private readonly numbers = new Map<object, number>();
  private readonly found: object[] = [];
  private written = 0;
  private readonly layouts = new Map<object, Layout>();
  private readonly texts = new Map<string, number>();
  /** By their keys in any order, and by their keys in order. */
  private readonly keyLists = new Map<string, KeyList>();
  private readonly sortedKeyLists = new Map<string, KeyList>();
  private depth = 0;
  /** Where it is, for errors. */
  private place = '';

  /**
   * @param shape names the layout of the state
   * @param shared objects that are not part of the state: the decoder is given its own, in the same order
   */
  constructor(
    shape: string,
    private readonly classes: StateClasses,
    private readonly shared: readonly object[],
  ) {
    this.out.text(shape);
  }

  /** All that was written so far: valid until more is written. */
  get bytes(): Buffer {
    return this.out.bytes;
  }

  /** The fields of each class and the keys of each record that were found, each on one line. */
  get shape(): string[] {
    const layouts = [...this.layouts.values()].map(({ name, fields }) => `${name}: ${fields.join(' ')}`);
    return [...layouts, ...this.sortedKeyLists.keys()].sort();
  }

  /** Writes a value; the instances in it follow with `step`. @throws TypeError for what no snapshot can hold, with its place */
  begin(root: unknown): void {
    this.value(root);
  }

  /** Writes up to `count` instances. Returns whether any is left. Between `begin` and the last step the state must not change. */
  step(count: number): boolean {
    const end = Math.min(this.found.length, this.written + count);
    for (; this.written < end; this.written++) this.contents(this.found[this.written] as object);
    return this.written < this.found.length;
  }

  private contents(instance: object): void {
    const { name, fields } = this.layouts.get(Object.getPrototypeOf(instance)) as Layout;
    for (const field of fields) {
      this.place = `${name}.${field}`;
      this.value((instance as Record<string, unknown>)[field]);
    }
  }

  private value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        this.number(value);
        break;
      case 'string':
        this.text(value);
        break;
      case 'boolean':
        this.out.byte(value ? TAG.true : TAG.false);
        break;
      case 'undefined':
        this.out.byte(TAG.undefined);
        break;
      case 'object':
        if (value === null) this.out.byte(TAG.null);
        else this.object(value);
        break;
      default:
        throw this.refusal(`a ${typeof value}`);
    }
  }

  private number(value: number): void {
    const { out } = this;
    if (!Number.isInteger(value) || Math.abs(value) > 0x7fff_ffff || Object.is(value, -0)) {
      out.byte(TAG.double);
      out.double(value);
    } else if (value >= 0 && value < SMALL) {
      out.byte(TAG.small + value);
    } else {
      out.byte(value < 0 ? TAG.negative : TAG.natural);
      out.uint(Math.abs(value));
    }
  }

  private text(value: string): void {
    const known = this.texts.get(value);
    this.out.byte(known === undefined ? TAG.text : TAG.knownText);
    if (known !== undefined) {
      this.out.uint(known);
      return;
    }
    this.texts.set(value, this.texts.size);
    this.out.text(value);
  }

  private object(value: object): void {
    const prototype = Object.getPrototypeOf(value);
    if (this.classes.byPrototype.has(prototype)) {
      this.instance(value, prototype);
      return;
    }
    const number = this.shared.indexOf(value);
    if (number !== -1) {
      this.out.byte(TAG.shared);
      this.out.uint(number);
      return;
    }
    if (this.depth++ === DEEPEST) throw this.refusal('a circle of values');
    if (Array.isArray(value)) {
      this.head(TAG.array, value.length);
      for (const one of value) this.value(one);
    } else if (prototype === Object.prototype) {
      this.record(value as Record<string, unknown>);
    } else if (value instanceof Map) {
      this.head(TAG.map, value.size);
      for (const [key, one] of value) {
        this.value(key);
        this.value(one);
      }
    } else if (value instanceof Set) {
      this.head(TAG.set, value.size);
      for (const one of value) this.value(one);
    } else if (value instanceof Uint8Array) {
      this.out.byte(TAG.bytes);
      this.out.block(value);
    } else {
      throw this.refusal(
        `an instance of ${value.constructor?.name ?? 'no class'}, which is not in the list of classes`,
      );
    }
    this.depth--;
  }

  private head(tag: number, size: number): void {
    this.out.byte(tag);
    this.out.uint(size);
  }

  /** Keys in order of their names and without those of undefined values: two replicas may have got them in different order, or through JSON. */
  private record(value: Record<string, unknown>): void {
    let names = '';
    for (const key in value) if (value[key] !== undefined) names += `${key} `;
    const lists = this.sortedKeyLists.size;
    const { number, keys } = this.keyLists.get(names) ?? this.addKeys(names, value);
    this.head(TAG.record, number);
    if (number === lists) this.list(keys);
    for (const key of keys) this.value(value[key]);
  }

  private addKeys(names: string, value: Record<string, unknown>): KeyList {
    const keys = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort();
    const sorted = keys.join(' ');
    const added = this.sortedKeyLists.get(sorted) ?? { number: this.sortedKeyLists.size, keys };
    this.sortedKeyLists.set(sorted, added);
    this.keyLists.set(names, added);
    return added;
  }

  private instance(value: object, prototype: object): void {
    const known = this.numbers.get(value);
    if (known !== undefined) {
      this.head(TAG.knownInstance, known);
      return;
    }
    this.numbers.set(value, this.found.length);
    this.found.push(value);
    const layout = this.layouts.get(prototype);
    const { number, name, fields } = layout ?? this.addLayout(value, prototype);
    this.head(TAG.instance, number);
    if (layout !== undefined) return;
    this.text(name);
    this.list(fields);
  }

  private addLayout(value: object, prototype: object): Layout {
    const { name, derived } = this.classes.byPrototype.get(prototype) as { name: string; derived: readonly string[] };
    const fields = Object.keys(value).filter((field) => !derived.includes(field));
    const added = { number: this.layouts.size, name, fields };
    this.layouts.set(prototype, added);
    return added;
  }

  private list(names: readonly string[]): void {
    this.out.uint(names.length);
    for (const name of names) this.text(name);
  }

  private refusal(what: string): TypeError {
    return new TypeError(`${this.place} holds ${what}. A snapshot cannot hold that.`);
  }
}
