import { fromBase64 } from '../base64.js';
import type { Condition, Field, Fields, Scalar } from './field.js';
import { bigintOf, INT_EXPECTED, type IntMeaning, isInt32, type Refusal, type WideMeaning, wrong } from './meaning.js';
import { holds } from './read.js';
import type { Sink } from './sink.js';

/** What is wrong with one field. */
export interface FieldFault {
  /** A JSON pointer into the fields, such as `/pipes/0/limit`. */
  readonly pointer: string;
  /** `unknown`: no version of the packet has the field. `name`: this version has no number for a name. */
  readonly problem: 'unknown' | 'missing' | 'wrong' | 'name';
  /** What is expected there. */
  readonly detail: string;
}

/** The names of the fields that any version of a packet has, for each group: `''`, `pipes`. */
export type KnownNames = ReadonlyMap<string, ReadonlySet<string>>;

type Values = Readonly<Record<string, unknown>>;
type Faults = FieldFault[];
/** Writes fields. After a fault the bytes are worthless. `pointer` is that of `values`. */
export type Writer = (sink: Sink, values: Values, pointer: string, faults: Faults) => void;
type ValueWriter = (sink: Sink, value: unknown, pointer: string, faults: Faults) => void;

const encoder = new TextEncoder();

/** Compiles fields to closures. Fields that only other versions of the packet have are left out. */
export function compileWriter(fields: Fields, known: KnownNames, group = ''): Writer {
  const names = known.get(group) ?? new Set();
  const absent = compileAbsent(fields);
  const writers = fields.map((field) => compileField(field, known));
  return (sink, values, pointer, faults) => {
    for (const name of Object.keys(values)) {
      if (names.has(name)) continue;
      faults.push({
        pointer: `${pointer}/${escaped(name)}`,
        problem: 'unknown',
        detail: `known are ${[...names].join(', ')}`,
      });
    }
    for (const check of absent) check(values, pointer, faults);
    for (const write of writers) write(sink, values, pointer, faults);
  };
}

/** Compiles checks that conditional fields are not given where they cannot be written. */
function compileAbsent(fields: Fields) {
  const conditional = new Map<string, Condition[]>();
  for (const { name, when } of fields)
    if (when !== undefined) conditional.set(name, [...(conditional.get(name) ?? []), when]);
  return [...conditional].map(([name, conditions]) => (values: Values, pointer: string, faults: Faults) => {
    if (own(values, name) === undefined || conditions.some((when) => holds(when, values))) return;
    const allowed = conditions.map(({ field, is }) => `${field} is ${is === 'not_empty' ? 'not empty' : is}`);
    faults.push({
      pointer: `${pointer}/${name}`,
      problem: 'wrong',
      detail: `expected only if ${allowed.join(' or ')}`,
    });
  });
}

/** For a JSON pointer, RFC 6901. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function compileField(field: Field, known: KnownNames): Writer {
  const { name, type, when, fallback } = field;
  const write = compileType(field, known);
  const scalar = 'wire' in type ? type : null;
  return (sink, values, pointer, faults) => {
    if (when !== undefined && !holds(when, values)) return;
    const at = `${pointer}/${name}`;
    const given = own(values, name);
    const raw = scalar?.hasRaw ? own(values, `${name}_raw`) : undefined;
    if (scalar !== null && raw !== undefined) writeRaw(sink, scalar, given, raw, at, faults);
    else if (given !== undefined) write(sink, given, at, faults);
    else if (fallback !== undefined) write(sink, fallback, at, faults);
    else faults.push({ pointer: at, problem: 'missing', detail: `expected is ${expectedOf(field)}` });
  };
}

function own(values: Values, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** The raw number wins: it may have bits without a name. The value beside it must be what the number means. */
function writeRaw(sink: Sink, type: Scalar, given: unknown, raw: unknown, at: string, faults: Faults): void {
  if (!isInt32(raw)) return void faults.push({ pointer: `${at}_raw`, ...refusal(wrong(INT_EXPECTED)) });
  const meaning = type.meaning;
  if (given !== undefined && meaning?.of === 'int') {
    const bits = meaning.write(given);
    if (typeof bits !== 'number') return void faults.push({ pointer: at, ...refusal(bits) });
    if (bits !== meaning.write(meaning.read(raw))) {
      return void faults.push({ pointer: at, ...refusal(wrong('what its raw value means: give one of the two')) });
    }
  }
  writeInt(sink, type, raw);
}

function refusal({ problem, expected }: Refusal): Omit<FieldFault, 'pointer'> {
  return { problem, detail: `expected is ${expected}` };
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: INT_EXPECTED,
  text: 'text, or {"base64": …}',
  int64: 'an integer of 64 bits, as a number or text',
  bytes: 'an object {"base64": …}',
  object: 'an object',
  list: 'a list of objects',
  texts: 'a list of texts',
};

function expectedOf({ type }: Field): string {
  const about = 'about' in type && type.about !== '' ? ` (${type.about})` : '';
  return `${EXPECTED[type.kind] ?? `a value of type ${type.kind}`}${about}`;
}

function compileType(field: Field, known: KnownNames): ValueWriter {
  const { name, type } = field;
  const bad = { problem: 'wrong', detail: `expected is ${expectedOf(field)}` } as const;
  if (type.kind === 'texts') return writeTexts(bad);
  if (!('fields' in type)) return writeScalar(type as Scalar, bad);
  const inner = compileWriter(type.fields, known, name);
  const writeObject: ValueWriter = (sink, value, pointer, faults) => {
    if (isObject(value)) inner(sink, value, pointer, faults);
    else faults.push({ pointer, ...bad });
  };
  if (type.kind === 'object') return writeObject;
  return (sink, value, pointer, faults) => {
    if (!Array.isArray(value)) return void faults.push({ pointer, ...bad });
    for (const [index, item] of value.entries()) writeObject(sink, item, `${pointer}/${index}`, faults);
  };
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Bad = Pick<FieldFault, 'problem' | 'detail'>;

function writeTexts(bad: Bad): ValueWriter {
  return (sink, value, pointer, faults) => {
    if (!Array.isArray(value)) return void faults.push({ pointer, ...bad });
    sink.int(value.length);
    for (const [index, item] of value.entries()) writeText(sink, item, `${pointer}/${index}`, faults, bad);
  };
}

function writeText(sink: Sink, value: unknown, pointer: string, faults: Faults, bad: Bad): void {
  const bytes = typeof value === 'string' && value.isWellFormed() ? encoder.encode(value) : bytesOf(value);
  if (bytes === null) faults.push({ pointer, ...bad });
  else if (bytes.length <= sink.longestString) sink.string(bytes);
  else faults.push({ pointer, problem: 'wrong', detail: `expected are at most ${sink.longestString} bytes` });
}

/** Returns the bytes of `{ "base64": … }`, or null for any other value. */
function bytesOf(value: unknown): Uint8Array | null {
  if (!isObject(value) || typeof value.base64 !== 'string' || Object.keys(value).length !== 1) return null;
  try {
    return fromBase64(value.base64);
  } catch {
    return null;
  }
}

function writeScalar(type: Scalar, bad: Bad): ValueWriter {
  const { wire, meaning } = type;
  if (wire === 'string') {
    return (sink, value, pointer, faults) => {
      const text = meaning?.of === 'text' && bytesOf(value) === null ? meaning.write(value) : value;
      if (isRefusal(text)) faults.push({ pointer, ...refusal(text) });
      else writeText(sink, text, pointer, faults, bad);
    };
  }
  return (sink, value, pointer, faults) => {
    const raw = meaning !== null && meaning.of !== 'text' ? written(meaning, value) : plainRaw(wire, value);
    if (raw === null) faults.push({ pointer, ...bad });
    else if (isRefusal(raw)) faults.push({ pointer, ...refusal(raw) });
    else if (raw instanceof Uint8Array) sink.raw(raw);
    else if (typeof raw === 'bigint') sink.number8(raw);
    else writeInt(sink, type, raw);
  };
}

function written(meaning: IntMeaning | WideMeaning, value: unknown): number | bigint | Refusal {
  return (meaning.of === 'int' ? meaning.refuse?.(value) : null) ?? meaning.write(value);
}

function plainRaw(wire: Scalar['wire'], value: unknown): number | bigint | Uint8Array | null {
  if (wire === 'rest') return bytesOf(value);
  if (wire !== 'bytes8') return isInt32(value) ? value : null;
  const wide = bigintOf(value);
  return wide !== null && BigInt.asIntN(64, wide) === wide ? wide : null;
}

function writeInt(sink: Sink, { wire }: Scalar, raw: number): void {
  if (wire === 'bytes4') sink.number4(raw);
  else sink.int(raw);
}

function isRefusal(value: unknown): value is Refusal {
  return isObject(value) && 'expected' in value && 'problem' in value;
}
