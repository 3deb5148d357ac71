import { ReceptionTable } from '../../../src/domain/reception-table.js';

/**
 * Walks two graphs of objects at once. Returns the path to the first difference, with what is there; null if there is none.
 * An object that occurs twice in one must occur at the same two places in the other. Getters are read first, because they fill in
 * lists that are computed when they are read.
 */
export function firstDifference(one: unknown, other: unknown): string | null {
  return new Walk().compare(one, other, '');
}

/** Deep enough for a chain of instances, and less than the stack of Node. */
const DEEPEST = 2_000;

class Walk {
  private readonly pairs = new Map<object, object>();
  private readonly taken = new Set<object>();
  private depth = 0;

  compare(one: unknown, other: unknown, path: string): string | null {
    if (typeof one === 'function' && typeof other === 'function') return null;
    if (!isObject(one) || !isObject(other)) return Object.is(one, other) ? null : different(path, one, other);
    const prototype = Object.getPrototypeOf(one);
    if (prototype !== Object.getPrototypeOf(other)) return different(path, one, other);
    // Only instances have an identity: values may be shared or not.
    if (!isPlain(prototype)) {
      const paired = this.pairs.get(one);
      if (paired !== undefined)
        return paired === other ? null : `${path}: two ${one.constructor.name}s in place of one`;
      if (this.taken.has(other)) return `${path}: one ${one.constructor.name} in place of two`;
      this.pairs.set(one, other);
      this.taken.add(other);
    }
    if (this.depth++ === DEEPEST) throw new Error(`${path} is too deep`);
    const found = this.contents(one, other, path);
    this.depth--;
    return found;
  }

  private contents(one: object, other: object, path: string): string | null {
    if (one instanceof Map && other instanceof Map) return this.lists([...one], [...other], path);
    // It is the same in any order: what machines are silent for is sorted when it is shown.
    if (one instanceof Set && other instanceof Set && path.endsWith('silentFor')) return sizes(one, other, path);
    if (one instanceof Set && other instanceof Set) return this.lists([...one], [...other], path);
    if (one instanceof Uint8Array)
      return Buffer.compare(one, other as Uint8Array) === 0 ? null : `${path}: other bytes`;
    if (Array.isArray(one) && Array.isArray(other)) return this.lists(one, other, path);
    // Its lists have free places at their end, in any number.
    if (one instanceof ReceptionTable && other instanceof ReceptionTable) {
      return this.lists(receptionsOf(one), receptionsOf(other), path);
    }
    for (const each of [one, other]) readGetters(each);
    return this.fields(one, other, path);
  }

  private lists(one: readonly unknown[], other: readonly unknown[], path: string): string | null {
    if (one.length !== other.length) return different(`${path}.length`, one.length, other.length);
    for (const [index, value] of one.entries()) {
      const found = this.compare(value, other[index], `${path}[${index}]`);
      if (found !== null) return found;
    }
    return null;
  }

  private fields(one: object, other: object, path: string): string | null {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const found = this.compare(Reflect.get(one, name), Reflect.get(other, name), `${path}.${name}`);
      if (found !== null) return found;
    }
    return null;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isPlain(prototype: unknown): boolean {
  const plain: unknown[] = [Object.prototype, Array.prototype, Map.prototype, Set.prototype, Buffer.prototype];
  return plain.includes(prototype);
}

function receptionsOf<T extends { readonly cell: never }>(table: ReceptionTable<T>): unknown[] {
  const rows = [...table].map((it) => [it, table.packetsOf(it.cell), table.lastPacketAtOf(it.cell)]);
  return [table.size, table.silentAt({ place: 0 } as never), ...rows];
}

function sizes(one: ReadonlySet<unknown>, other: ReadonlySet<unknown>, path: string): string | null {
  return one.size === other.size ? null : different(`${path}.size`, one.size, other.size);
}

function readGetters(instance: object): void {
  const descriptors = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(instance));
  for (const [name, { get }] of Object.entries(descriptors))
    if (get && name !== '__proto__') Reflect.get(instance, name);
}

function different(path: string, one: unknown, other: unknown): string {
  return `${path}: ${shown(one)} is not ${shown(other)}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return isObject(value) ? `an instance of ${value.constructor?.name}` : String(value);
}
