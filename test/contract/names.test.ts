import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/**
 * Times in the documents have their unit in the name: seconds, milliseconds in a few places, RFC 3339 for instants that people read. A machine is
 * called machine, but for the names that OpenSIPS 2.2 has.
 */

const read = (file: string) => readFileSync(join(__dirname, '../..', file), 'utf8');
const DOCUMENTS = ['openapi.yaml', 'docs/asyncapi.yaml'];

const SPEAKS_OF_TIME = /\b(?:(?:milli)?seconds?|minutes?|hours?|days?|how long|interval|time|when to)\b/;
const HAS_UNIT = /(?:^|_)(?:ms|seconds?|days)(?:_|$)|_per_(?:second|minute)$/;

/** Names from OpenSIPS 2.2 and from the first release, which clients rely on. Their descriptions have the unit. */
const FIXED: Readonly<Record<string, RegExp>> = {
  duration: /seconds/,
  last_attempt: /unix seconds/,
  silent_for: /seconds/,
  timeout: /seconds/,
  since: /unix milliseconds/,
  received_at: /unix milliseconds/,
};

interface Value {
  readonly name: string;
  readonly description: string;
  readonly types: readonly unknown[];
  readonly isInstant: boolean;
}

/** The properties and parameters of a document, without the fields of packets, whose names are those of OpenSIPS. */
function valuesOf(node: unknown, name = ''): Value[] {
  if (typeof node !== 'object' || node === null || /^\w+Fields(?:[A-Z]\w+)?$/.test(name)) return [];
  const { properties = {}, in: place, name: parameter, schema, description = '' } = Object(node);
  const own = Object.entries(properties).map(([key, property]) => readValue(key, Object(property)));
  const asParameter = place === undefined ? [] : [readValue(parameter, { description, ...schema })];
  return [...own, ...asParameter, ...Object.entries(node).flatMap(([key, inner]) => valuesOf(inner, key))];
}

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly anyOf?: readonly Schema[];
}

function readValue(name: string, { anyOf = [], ...schema }: Schema): Value {
  const all = [schema, ...anyOf];
  const description = all.map((one) => one.description ?? '').join(' ');
  const isInstant = all.some(({ format }) => format === 'date-time');
  return { name, description, types: all.map(({ type }) => type), isInstant };
}

const values = DOCUMENTS.flatMap((file) => valuesOf(parse(read(file))));

const isNumber = ({ types }: Value) => types.includes('integer') || types.includes('number');

test('a number that is a time has its unit in its name, or is one of the fixed names and says it', () => {
  const times = values.filter(
    (value) => isNumber(value) && (SPEAKS_OF_TIME.test(value.description) || value.name in FIXED),
  );
  const faults = times.filter(({ name, description }) => {
    return !HAS_UNIT.test(name) && FIXED[name]?.test(description) !== true;
  });
  expect(faults).toEqual([]);
  expect(times.length).toBeGreaterThan(15);
  expect(Object.keys(FIXED).filter((name) => !times.some((time) => time.name === name))).toEqual([]);
});

test('an instant as text is in RFC 3339', () => {
  const instants = values.filter((value) => !isNumber(value) && /^(?:since|until|at|timestamp)$/.test(value.name));
  expect(instants.filter(({ isInstant }) => !isInstant)).toEqual([]);
  expect(instants.length).toBeGreaterThan(6);
});

test('a variable that is a time has its unit in its name', () => {
  const rows = [...read('docs/configuration.md').matchAll(/^\| `CLUSTERER_(\w+)` \| `\d+` \| (.*) \|$/gm)];
  const times = rows.filter(([, , meaning = '']) =>
    /\b(?:seconds?|minute|days|how long|interval|time for|longest time|silence)\b/.test(meaning),
  );
  expect(times.map(([, name = '']) => name.toLowerCase()).filter((name) => !HAS_UNIT.test(name))).toEqual([]);
  expect(times.length).toBeGreaterThan(15);
});

test('a metric that is a time is in seconds', () => {
  const rows = [...read('docs/operations.md').matchAll(/^\| `(clusterer_\w+)[^|]*\| [^|]*\| ([^|]*)/gm)];
  const times = rows.filter(([, , meaning = '']) =>
    /^(?:seconds|time|duration|(?:for )?how long|age)\b/i.test(meaning),
  );
  expect(times.map(([, name = '']) => name).filter((name) => !name.endsWith('_seconds'))).toEqual([]);
  expect(rows.length).toBeGreaterThan(20);
});

/** The descriptions and summaries of a document, without the names in them. */
function textsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, inner]) => {
    if (typeof inner !== 'string') return key === 'examples' || key === 'example' ? [] : textsOf(inner);
    return key === 'description' || key === 'summary' ? [inner.replaceAll(/`[^`]*`/g, '')] : [];
  });
}

test('descriptions say machine, not node', () => {
  const texts = DOCUMENTS.flatMap((file) => textsOf(parse(read(file))));
  expect(texts.filter((text) => /\bnodes?\b/i.test(text))).toEqual([]);
  expect(texts.length).toBeGreaterThan(500);
});
