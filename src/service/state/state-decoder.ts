import { ByteReader } from './byte-reader.js';
import type { StateClass, StateClasses } from './state-classes.js';
import { TAG } from './tags.js';

type Fields = Record<string, unknown>;

/** What the decoder knows of a class whose instances it has met. */
interface Layout {
  readonly of: StateClass;
  readonly fields: readonly string[];
}

/**
 * Reads what `StateEncoder` wrote. Where the instance that gets a value holds an instance of the same class already, that one is filled in:
 * what a constructor has wired stays wired.
 */
export class StateDecoder {
  /** As it was given to the encoder. */
  readonly shape: string;
  private readonly reader: ByteReader;
  private readonly instances: Fields[] = [];
  private readonly layoutOf: Layout[] = [];
  private readonly layouts: Layout[] = [];
  private readonly texts: string[] = [];
  private readonly keyLists: string[][] = [];

  constructor(
    bytes: Buffer,
    private readonly classes: StateClasses,
    private readonly shared: readonly object[],
  ) {
    this.reader = new ByteReader(bytes);
    this.shape = this.reader.text();
  }

  /** @param into holds the instances that are filled in. @throws RangeError for bytes that are no state of this release */
  decode(into: unknown): unknown {
    const root = this.value(into);
    for (let number = 0; number < this.instances.length; number++) {
      const instance = this.instances[number] as Fields;
      const { fields } = this.layoutOf[number] as Layout;
      for (const field of fields) instance[field] = this.value(instance[field]);
    }
    if (!this.reader.isAtEnd) throw new RangeError('Bytes follow the end of a state.');
    return root;
  }

  private value(before: unknown): unknown {
    const { reader } = this;
    const tag = reader.byte();
    if (tag >= TAG.small) return tag - TAG.small;
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.undefined:
        return undefined;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.natural:
        return reader.uint();
      case TAG.negative:
        return -reader.uint();
      case TAG.double:
        return reader.double();
      case TAG.text:
      case TAG.knownText:
        return this.text(tag);
      case TAG.array:
        return this.array(reader.uint());
      case TAG.record:
        return this.record(reader.uint(), before);
      case TAG.map:
        return this.map(reader.uint());
      case TAG.set:
        return new Set(this.array(reader.uint()));
      case TAG.bytes:
        return reader.block();
      case TAG.instance:
        return this.instance(reader.uint(), before);
      case TAG.knownInstance:
        return known(this.instances, reader.uint());
      case TAG.shared:
        return known(this.shared, reader.uint());
      default:
        throw new RangeError(`A state holds the unknown tag ${tag}.`);
    }
  }

  private text(tag: number): string {
    if (tag === TAG.knownText) return known(this.texts, this.reader.uint());
    const text = this.reader.text();
    this.texts.push(text);
    return text;
  }

  private array(length: number): unknown[] {
    const array: unknown[] = [];
    for (let i = 0; i < length; i++) array.push(this.value(undefined));
    return array;
  }

  private map(size: number): Map<unknown, unknown> {
    const map = new Map();
    for (let i = 0; i < size; i++) map.set(this.value(undefined), this.value(undefined));
    return map;
  }

  private record(number: number, before: unknown): Fields {
    if (number === this.keyLists.length) this.keyLists.push(this.list());
    const held = typeof before === 'object' && before !== null ? (before as Fields) : {};
    const record: Fields = {};
    for (const key of known(this.keyLists, number)) record[key] = this.value(held[key]);
    return record;
  }

  private instance(number: number, before: unknown): Fields {
    if (number === this.layouts.length) this.addLayout();
    const layout = known(this.layouts, number);
    const { prototype, make } = layout.of;
    const isThere = typeof before === 'object' && before !== null && Object.getPrototypeOf(before) === prototype;
    const instance = (isThere ? before : make()) as Fields;
    this.instances.push(instance);
    this.layoutOf.push(layout);
    return instance;
  }

  private addLayout(): void {
    const name = this.text(this.reader.byte());
    const of = this.classes.byName.get(name);
    if (of === undefined)
      throw new RangeError(`A state holds the class ${JSON.stringify(name)}, which this release does not know.`);
    this.layouts.push({ of, fields: this.list() });
  }

  private list(): string[] {
    return Array.from({ length: this.reader.uint() }, () => this.text(this.reader.byte()));
  }
}

function known<T>(all: readonly T[], number: number): T {
  const one = all[number];
  if (one === undefined) throw new RangeError('A state refers to what it does not hold.');
  return one;
}
