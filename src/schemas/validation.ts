import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import type { TSchema } from 'typebox';
import { type FieldFault, pointerPart, ServiceError } from '../ground/errors.js';

/** Checks a value in place (filling in defaults); answers every faulty field, none for a valid value. */
export type Validate = (value: unknown) => FieldFault[];

/** No request has as many fields. One with thousands would cost a fault for each. */
export const MAX_FIELDS = 64;

const options = {
  allErrors: true,
  useDefaults: true,
  strict: true,
  allowUnionTypes: true,
};
const ajv = new Ajv(options);
formats.default(ajv, ['date-time']);

/** @param source `text`: numbers arrive as text, as in a path, in a query and from MI tools */
export function validatorOf(schema: TSchema, source: 'json' | 'text' = 'json'): Validate {
  const validate = ajv.compile(schema);
  const integers = source === 'text' ? integerFields(schema) : [];
  return (value) => {
    if (isRecord(value) && Object.keys(value).length > MAX_FIELDS) {
      return [{ pointer: '', detail: `must have at most ${MAX_FIELDS} fields` }];
    }
    if (isRecord(value)) readIntegers(value, integers);
    return validate(value) ? [] : faultsOf(validate.errors ?? [], source === 'text' ? 'parameter' : 'field');
  };
}

function integerFields(schema: TSchema): string[] {
  const properties: Readonly<Record<string, TSchema>> = 'properties' in schema ? Object(schema.properties) : {};
  return Object.keys(properties).filter((name) => Object(properties[name]).type === 'integer');
}

/** Decimal digits only: what JavaScript also takes for a number (`1e3`, `0x1`, ` 1`) is a slip in an id. */
function readIntegers(fields: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && /^-?\d+$/.test(value)) fields[name] = Number(value);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws `invalid_input` naming every faulty field */
export function invalidInput(errors: readonly FieldFault[]): ServiceError {
  const detail = errors.map(
    (fault) => `${fault.pointer === '' ? 'the whole' : fault.pointer.slice(1)} ${fault.detail}`,
  );
  return new ServiceError('invalid_input', `${detail.join('; ')}.`, { errors });
}

/** One fault a field: alternatives that all failed are one sentence. */
function faultsOf(errors: readonly ErrorObject[], part: 'field' | 'parameter'): FieldFault[] {
  const byPointer = new Map<string, Set<string>>();
  const listed = new Set(errors.filter(({ keyword }) => keyword === 'enum').map(pointerOf));
  for (const error of errors) {
    if (error.keyword === 'anyOf') continue;
    // A list of values says more than their type.
    if (error.keyword === 'type' && listed.has(pointerOf(error))) continue;
    const pointer = pointerOf(error);
    const details = byPointer.get(pointer) ?? new Set();
    byPointer.set(pointer, details.add(detailOf(error, part)));
  }
  return [...byPointer].map(([pointer, details]) => ({ pointer, detail: [...details].join(' or ') }));
}

function pointerOf({ instancePath, keyword, params }: ErrorObject): string {
  if (keyword === 'required') return `${instancePath}/${params.missingProperty}`;
  if (keyword === 'additionalProperties') return `${instancePath}/${pointerPart(params.additionalProperty)}`;
  return instancePath;
}

function detailOf({ keyword, params, message }: ErrorObject, part: string): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return `is not a ${part} of this request`;
    case 'enum':
      return `must be one of ${params.allowedValues.map((value: unknown) => JSON.stringify(value)).join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case 'pattern':
      // The only pattern that any schema has: that of a text.
      return 'must not hold the character U+0000';
    case 'format':
      // The only format that any schema has: date-time.
      return 'must be a time such as 2026-11-22T14:00:00Z';
    default:
      return message ?? 'is not valid';
  }
}
