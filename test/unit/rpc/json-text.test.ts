import { decodeUtf8, parseJson } from '../../../src/rpc/json-text.js';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const padding = ' '.repeat(5_000);

test('JSON is read, and what is none is undefined', () => {
  expect([parseJson('{"a":[1,"b"]}'), parseJson('null'), parseJson('{"a"'), parseJson('')]).toEqual([
    { a: [1, 'b'] },
    null,
    undefined,
    undefined,
  ]);
});

test('nesting of 64 is read in a text of any length, and more only in a short one', () => {
  expect(parseJson(nested(64) + padding)).toBeDefined();
  expect(parseJson(nested(65) + padding)).toBeUndefined();
  expect(parseJson(nested(65))).toBeDefined();
});

test('20000 values are read, and one more is not', () => {
  expect(parseJson(`[${'1,'.repeat(19_999)}1]`)).toHaveLength(20_000);
  expect(parseJson(`[${'1,'.repeat(20_000)}1]`)).toBeUndefined();
});

test('what stands in quotes is no structure, escaped quotes included', () => {
  const text = `[{,"\\${'['.repeat(100)}`.repeat(1_000);
  expect(parseJson(JSON.stringify([text]) + padding)).toEqual([text]);
});

test('a field with the name of a prototype is a field of its own', () => {
  const value = parseJson('{"__proto__":{"x":1}}');
  expect(Object.keys(value as object)).toEqual(['__proto__']);
  expect(({} as { x?: number }).x).toBeUndefined();
});

test('a byte order mark before the JSON is skipped, one of them', () => {
  expect([parseJson('\ufeff{"a":1}'), parseJson('\ufeff\ufeff{"a":1}')]).toEqual([{ a: 1 }, undefined]);
});

test('bytes are text in UTF-8 or nothing', () => {
  const texts = ['c3a9', 'efbbbf41', 'ff', 'c3', 'eda080', 'c080', 'fe004100'].map((hex) =>
    decodeUtf8(Buffer.from(hex, 'hex')),
  );
  expect(texts).toEqual(['é', '\ufeffA', undefined, undefined, undefined, undefined, undefined]);
});
