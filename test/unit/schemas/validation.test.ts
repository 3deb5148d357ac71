import { Type } from 'typebox';
import { Choice, Id, OrNull, RULE } from '../../../src/schemas/common.js';
import { invalidInput, validatorOf } from '../../../src/schemas/validation.js';

const schema = Type.Object(
  {
    id: Id('an id'),
    state: Type.Optional(Choice(['up', 'down'], 'a state')),
    note: Type.Optional(OrNull(Type.String({ maxLength: 3 }))),
    limit: Type.Integer({ default: 7 }),
  },
  { additionalProperties: false },
);

test('a valid value has no faults, and its defaults are filled in', () => {
  const value = { id: 1, note: null };
  expect(validatorOf(schema)(value)).toEqual([]);
  expect(value).toEqual({ id: 1, note: null, limit: 7 });
});

test('every invalid field has one fault', () => {
  expect(validatorOf(schema)({ state: 1, note: 'long', 'a/b~c': 1 })).toEqual([
    { pointer: '/id', detail: 'is required' },
    { pointer: '/a~1b~0c', detail: 'is not a field of this request' },
    { pointer: '/state', detail: 'must be one of "up", "down"' },
    { pointer: '/note', detail: 'must NOT have more than 3 characters or must be null' },
  ]);
});

test('the rule of a schema adds the faults of fields that have none yet', () => {
  const rule = ({ id, note }: Record<string, unknown>) =>
    id === note ? [] : ['/id', '/note'].map((pointer) => ({ pointer, detail: 'must be equal' }));
  const validate = validatorOf({ ...schema, [RULE]: rule });
  expect(validate({ id: 1, note: 'a' })).toEqual([
    { pointer: '/id', detail: 'must be equal' },
    { pointer: '/note', detail: 'must be equal' },
  ]);
  expect(validate({ note: 'a' })).toEqual([
    { pointer: '/id', detail: 'is required' },
    { pointer: '/note', detail: 'must be equal' },
  ]);
  expect(validate(5)).toEqual([{ pointer: '', detail: 'must be object' }]);
});

test('thousands of fields are one fault', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, 0]));
  expect(validatorOf(schema)(many)).toEqual([{ pointer: '', detail: 'must have at most 64 fields' }]);
});

test('numbers as text are accepted in a path or a query, but not in JSON', () => {
  const value = { id: '12', limit: '-3' };
  expect(validatorOf(schema, 'text')(value)).toEqual([]);
  expect(value).toEqual({ id: 12, limit: -3 });
  expect(validatorOf(schema)({ id: '12' })).toEqual([{ pointer: '/id', detail: 'must be integer' }]);
});

test('a number as text consists of decimal digits', () => {
  for (const id of ['1e3', '0x1', '1.0', '+1', ' 1', '1 ', '', 'true', 'null', ['1']]) {
    expect([id, validatorOf(schema, 'text')({ id })]).toEqual([id, [{ pointer: '/id', detail: 'must be integer' }]]);
  }
});

test('the error has the faults as a sentence and as a list', () => {
  const error = invalidInput([
    { pointer: '', detail: 'must be object' },
    { pointer: '/id', detail: 'is required' },
  ]);
  expect([error.code, error.message]).toEqual(['invalid_input', 'the input must be object; id is required.']);
  expect(error.extra.errors).toHaveLength(2);
});
