import type { Scalar, Text } from './field.js';
import { INT_EXPECTED, type IntMeaning, isInt32, type TextMeaning, wrong } from './meaning.js';

/** The q of a contact: thousandths; a negative raw value means that it has none. */
const Q_UNSET = -1;
const Q_EXPECTED = 'a number from 0 to 1, or null';

/** From 0 to 1, or null; raw: thousandths, −1 for none. */
export const q: Scalar<number | null, true> = {
  kind: 'q',
  wire: 'bytes4',
  hasRaw: true,
  about: 'priority from 0 to 1, or null; raw: thousandths, -1 for null',
  meaning: {
    of: 'int',
    read: (raw) => (raw === Q_UNSET ? null : raw / 1000),
    write(value) {
      if (value === null) return Q_UNSET;
      const raw = typeof value === 'number' ? Math.round(value * 1000) : Number.NaN;
      return isInt32(raw) && raw !== Q_UNSET ? raw : wrong(Q_EXPECTED);
    },
    refuse: (value) => (typeof value === 'number' && (value < 0 || value > 1) ? wrong(Q_EXPECTED) : null),
  },
};

/** Bits by name; bits without a name show only in the raw number. */
export function flags(names: Readonly<Record<string, number>>): Scalar<string[], true> {
  const list = Object.entries(names);
  const about = list.map(([name, bit]) => `${name} ${bit}`).join(', ');
  return { kind: 'flags', wire: 'int', hasRaw: true, about, meaning: bitMeaning(names, {}) };
}

const METHOD_NAMES =
  'INVITE CANCEL ACK BYE INFO OPTIONS UPDATE REGISTER MESSAGE SUBSCRIBE NOTIFY PRACK REFER PUBLISH OTHER';
const METHODS = Object.fromEntries(METHOD_NAMES.split(' ').map((name, bit) => [name, 1 << bit]));

/** SIP methods; `["all"]` is −1. */
export const methods: Scalar<string[], true> = {
  kind: 'methods',
  wire: 'int',
  hasRaw: true,
  about: `${METHOD_NAMES.replaceAll(' ', ', ')} from bit 0 on; ["all"] is -1`,
  meaning: bitMeaning(METHODS, { all: -1 }),
};

/** Bits, and names that stand alone for a whole number. */
function bitMeaning(bits: Readonly<Record<string, number>>, wholes: Readonly<Record<string, number>>): IntMeaning {
  const byName = new Map(Object.entries({ ...bits, ...wholes }));
  const entries = Object.entries(bits);
  const whole = new Map(Object.entries(wholes).map(([name, value]) => [value, name]));
  return {
    of: 'int',
    read(raw) {
      const alone = whole.get(raw);
      if (alone !== undefined) return [alone];
      const names: string[] = [];
      for (const [name, bit] of entries) if ((raw & bit) !== 0) names.push(name);
      return names;
    },
    write(value) {
      const expected = `a list of ${[...byName.keys()].join(', ')}`;
      if (!isTextList(value)) return wrong(expected);
      let raw = 0;
      for (const name of value) {
        const bit = byName.get(name);
        if (bit === undefined) return { problem: 'name', expected };
        raw |= bit;
      }
      return raw;
    },
  };
}

/** Flags that the script of each daemon numbers for itself: no names on the wire. */
export const scriptFlags: Scalar<number, false> = {
  kind: 'int',
  wire: 'int',
  hasRaw: false,
  about: 'bits that the script numbers; an empty list is 0',
  meaning: {
    of: 'int',
    read: (raw) => raw,
    write(value) {
      if (isInt32(value)) return value;
      if (!isTextList(value)) return wrong(INT_EXPECTED);
      return value.length === 0 ? 0 : { problem: 'name', expected: 'an integer: this version has no names' };
    },
  },
};

const FLAG_NAMES_EXPECTED = 'a list of flag names without spaces, or their text';

const flagNamesMeaning: TextMeaning = {
  of: 'text',
  read: (raw) => (raw === '' ? [] : raw.split(' ')),
  write(value) {
    if (value === 0) return '';
    if (typeof value === 'number') return { problem: 'name', expected: 'names: this version has no numbers' };
    if (typeof value === 'string') return value;
    if (!isTextList(value) || value.some((name) => name.includes(' '))) return wrong(FLAG_NAMES_EXPECTED);
    return value.join(' ');
  },
};

/** Flags of the script, by name. */
export const flagNames: Scalar<string[] | Text, false> = {
  kind: 'flag_names',
  wire: 'string',
  hasRaw: false,
  about: 'raw: the names with a space between them, which is accepted, too',
  meaning: flagNamesMeaning,
};

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
