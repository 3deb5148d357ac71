import { decodeUtf8, parseJson } from '../../../src/rpc/json-text.js';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const padding = ' '.repeat(5_000);

test('JSON is parsed, anything else is undefined', () => {
  expect([parseJson('{"a":[1,"b"]}'), parseJson('null'), parseJson('{"a"'), parseJson('')]).toEqual([
    { a: [1, 'b'] },
    null,
    undefined,
    undefined,
  ]);
});

test('64 levels are parsed in a text of any length, more only in a short one', () => {
  expect(parseJson(nested(64) + padding)).toBeDefined();
  expect(parseJson(nested(65) + padding)).toBeUndefined();
  expect(parseJson(nested(65))).toBeDefined();
});

test('20000 values are parsed, one more is not', () => {
  expect(parseJson(`[${'1,'.repeat(19_999)}1]`)).toHaveLength(20_000);
  expect(parseJson(`[${'1,'.repeat(20_000)}1]`)).toBeUndefined();
});

test('brackets and commas inside strings do not count, also after escaped quotes', () => {
  const text = `[{,"\\${'['.repeat(100)}`.repeat(1_000);
  expect(parseJson(JSON.stringify([text]) + padding)).toEqual([text]);
});

test('__proto__ is an ordinary field', () => {
  const value = parseJson('{"__proto__":{"x":1}}');
  expect(Object.keys(value as object)).toEqual(['__proto__']);
  expect(({} as { x?: number }).x).toBeUndefined();
});

test('one byte order mark before the JSON is skipped', () => {
  expect([parseJson('\ufeff{"a":1}'), parseJson('\ufeff\ufeff{"a":1}')]).toEqual([{ a: 1 }, undefined]);
});

test('bytes that are not UTF-8 are undefined', () => {
  const texts = ['c3a9', 'efbbbf41', 'ff', 'c3', 'eda080', 'c080', 'fe004100'].map((hex) =>
    decodeUtf8(Buffer.from(hex, 'hex')),
  );
  expect(texts).toEqual(['é', '\ufeffA', undefined, undefined, undefined, undefined, undefined]);
});
