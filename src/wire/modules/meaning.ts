/** Why a value cannot be written. `name`: it names something that this version has no number for. */
export interface Refusal {
  readonly problem: 'wrong' | 'name';
  /** What is accepted: "an integer of 32 bits". */
  readonly expected: string;
}

export function wrong(expected: string): Refusal {
  return { problem: 'wrong', expected };
}

/** The meaning of an integer. `read(write(value))` need not be `value`, but `write(read(raw))` is `raw` unless the raw value stands beside it. */
export interface IntMeaning {
  readonly of: 'int';
  read(raw: number): unknown;
  /** Returns the integer. */
  write(value: unknown): number | Refusal;
  /** Why a value that can be written is none that a caller may give without the raw number. Missing: there is none. */
  refuse?(value: unknown): Refusal | null;
}

/** The meaning of a string that is text. A string that is not is written and read as bytes. */
export interface TextMeaning {
  readonly of: 'text';
  read(raw: string): unknown;
  write(value: unknown): string | Refusal;
}

/** The meaning of a number of 64 bits, in two halves. */
export interface WideMeaning {
  readonly of: 'wide';
  read(high: number, low: number): unknown;
  write(value: unknown): bigint | Refusal;
}

export type Meaning = IntMeaning | TextMeaning | WideMeaning;

export function isInt32(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}

export const INT_EXPECTED = 'an integer of 32 bits';

/** Reads a signed number of 64 bits from JSON: a safe integer, or decimal text. */
export function bigintOf(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  // 20 characters are enough for any number of 64 bits.
  return typeof value === 'string' && value.length <= 20 && /^-?\d+$/.test(value) ? BigInt(value) : null;
}
