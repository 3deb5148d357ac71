import type { Meaning } from './meaning.js';

/** How a value stands in the payload. `bytes4` and `bytes8` are strings that contain a raw number; `rest` is what is left of the payload. */
export type Wire = 'int' | 'string' | 'bytes4' | 'bytes8' | 'rest';

/** A type of one value. `V` is its type in JSON, `R` says whether the raw number stands beside it. */
export interface Scalar<V = unknown, R extends boolean = boolean> {
  readonly kind: string;
  readonly wire: Wire;
  /** Null: integers are numbers, strings are text. */
  readonly meaning: Meaning | null;
  /** The raw number stands beside the value, as `<name>_raw`. */
  readonly hasRaw: R;
  /** What the numbers stand for, for the documents. */
  readonly about: string;
  /** Does not exist at run time. */
  readonly value?: V;
}

export interface ObjectType<F extends Fields = Fields> {
  readonly kind: 'object';
  readonly fields: F;
}

/** Groups one after another, to the end of the payload. */
export interface ListType<F extends Fields = Fields> {
  readonly kind: 'list';
  readonly fields: F;
}

/** An integer, and as many strings. */
export interface TextsType {
  readonly kind: 'texts';
}

export type FieldType = Scalar | ObjectType | ListType | TextsType;

/** The field is there only if an earlier one of the same group has this value; a text is compared with the empty text. */
export interface Condition {
  readonly field: string;
  readonly is: number | 'not_empty';
}

export interface Field<N extends string = string, T extends FieldType = FieldType> {
  readonly name: N;
  readonly type: T;
  /** What is written if the value is missing: other versions of the packet do not have the field. */
  readonly fallback?: unknown;
  readonly when?: Condition;
}

export type Fields = readonly Field[];

/** A field that must always be there. */
export function field<const N extends string, T extends FieldType>(name: N, type: T): Field<N, T> {
  return { name, type };
}

/** A field that other versions of the packet do not have. `value` is neutral, and written if it is missing. */
export function added<const N extends string, T extends FieldType>(name: N, type: T, value: unknown): Field<N, T> {
  return { name, type, fallback: value };
}

export interface ConditionalField<N extends string, T extends FieldType> extends Field<N, T> {
  readonly when: Condition;
}

export function conditional<const N extends string, T extends FieldType>(
  name: N,
  type: T,
  when: Condition,
): ConditionalField<N, T> {
  return { name, type, when };
}

/** Several fields of type text. */
export function texts<const N extends readonly string[]>(
  ...names: N
): { [I in keyof N]: Field<N[I], Scalar<Text, false>> } {
  return names.map((name) => field(name, text)) as { [I in keyof N]: Field<N[I], Scalar<Text, false>> };
}

export function object<const F extends Fields>(fields: F): ObjectType<F> {
  return { kind: 'object', fields };
}

export function list<const F extends Fields>(fields: F): ListType<F> {
  return { kind: 'list', fields };
}

export const textList: TextsType = { kind: 'texts' };

/** Bytes in JSON: an object, so that no text can be taken for them. */
export interface Base64 {
  readonly base64: string;
}

/** Text where the bytes are UTF-8. */
export type Text = string | Base64;

/** A number where JavaScript can hold it exactly, otherwise text. */
export type Int64 = number | string;

const plain = { meaning: null, hasRaw: false, about: '' } as const;

/** A signed 32-bit integer. */
export const int: Scalar<number, false> = { ...plain, kind: 'int', wire: 'int' };
export const text: Scalar<Text, false> = { ...plain, kind: 'text', wire: 'string' };
/** 64 bits, in a string of 8 raw bytes. */
export const int64: Scalar<Int64, false> = { ...plain, kind: 'int64', wire: 'bytes8' };
/** What a module appends for another one, which only that one can read. */
export const rest: Scalar<Base64, false> = { ...plain, kind: 'bytes', wire: 'rest' };

/** An integer whose values have names. It stays a number; the documents list the names. */
export function choice(about: string): Scalar<number, false> {
  return { ...int, about };
}

/** Unix seconds. */
export const time32 = choice('unix seconds');
export const time64: Scalar<Int64, false> = { ...int64, about: 'unix seconds' };
