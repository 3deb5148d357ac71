import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { type FieldFault, pointerPart, ServiceError } from '../ground/errors.js';
import { PATTERNS, RULE, type Rule } from './common.js';
import type { TSchema } from './typebox.js';

/** Validates a value in place and fills in defaults. @returns every invalid field; none for a valid value */
export type Validate = (value: unknown) => FieldFault[];

/** No request has that many fields. Without a limit, thousands of unknown ones would be reported one by one. */
export const MAX_FIELDS = 64;

const options = {
  allErrors: true,
  useDefaults: true,
  strict: true,
  allowUnionTypes: true,
};
const ajv = new Ajv(options);
formats.default(ajv, ['date-time']);

/**
 * Compiles the schema at the first value: compiling all schemas would take a quarter of the start time.
 * @param source `text`: numbers may be text, as in a path, in a query and from MI tools
 */
export function validatorOf(schema: TSchema, source: 'json' | 'text' = 'json'): Validate {
  let validate: ValidateFunction | undefined;
  const integers = source === 'text' ? integerFields(schema) : [];
  const rule: Rule | undefined = Object(schema)[RULE];
  return (value) => {
    if (isRecord(value) && Object.keys(value).length > MAX_FIELDS) {
      return [{ pointer: '', detail: `must have at most ${MAX_FIELDS} fields` }];
    }
    if (isRecord(value)) readIntegers(value, integers);
    validate ??= ajv.compile(schema);
    const faults = validate(value) ? [] : faultsOf(validate.errors ?? [], source === 'text' ? 'parameter' : 'field');
    return rule !== undefined && isRecord(value) ? withOthers(faults, rule(value)) : faults;
  };
}

/** Adds the faults of fields that have none yet. */
function withOthers(faults: FieldFault[], more: readonly FieldFault[]): FieldFault[] {
  const named = new Set(faults.map(({ pointer }) => pointer));
  return [...faults, ...more.filter(({ pointer }) => !named.has(pointer))];
}

function integerFields(schema: TSchema): string[] {
  const properties: Readonly<Record<string, TSchema>> = 'properties' in schema ? Object(schema.properties) : {};
  return Object.keys(properties).filter((name) => Object(properties[name]).type === 'integer');
}

/** Only decimal digits: other numbers of JavaScript (`1e3`, `0x1`, ` 1`) are mistakes in an id. */
function readIntegers(fields: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && /^-?\d+$/.test(value)) fields[name] = Number(value);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Makes the error that names every invalid field. */
export function invalidInput(errors: readonly FieldFault[]): ServiceError {
  const detail = errors.map(
    (fault) => `${fault.pointer === '' ? 'the input' : fault.pointer.slice(1)} ${fault.detail}`,
  );
  return new ServiceError('invalid_input', `${detail.join('; ')}.`, { errors });
}

/** Returns one fault per field; alternatives that all failed are joined by "or". */
function faultsOf(errors: readonly ErrorObject[], part: 'field' | 'parameter'): FieldFault[] {
  const byPointer = new Map<string, Set<string>>();
  const listed = new Set(errors.filter(({ keyword }) => keyword === 'enum').map(pointerOf));
  for (const error of errors) {
    if (error.keyword === 'anyOf') continue;
    // The list of allowed values is more helpful than their type.
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
      return Object.entries(PATTERNS).find(([, pattern]) => pattern === params.pattern)?.[0] ?? String(message);
    case 'format':
      // `DateTime` has the only format.
      return 'must be a time such as 2026-11-22T14:00:00Z';
    default:
      return message ?? 'is not valid';
  }
}
