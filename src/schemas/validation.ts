import { Ajv, type ErrorObject } from 'ajv';
import type { TSchema } from 'typebox';
import { type FieldFault, ServiceError } from '../errors.js';

/** Checks a value in place (filling in defaults); answers every faulty field, none for a valid value. */
export type Validate = (value: unknown) => FieldFault[];

const options = {
  allErrors: true,
  useDefaults: true,
  strict: true,
  allowUnionTypes: true,
};
const strict = new Ajv(options);
/** Query and path parameters arrive as text. */
const coercing = new Ajv({ ...options, coerceTypes: true });

export function validatorOf(schema: TSchema, source: 'json' | 'text' = 'json'): Validate {
  const validate = (source === 'text' ? coercing : strict).compile(schema);
  return (value) => (validate(value) ? [] : faultsOf(validate.errors ?? []));
}

/** @throws `invalid_input` naming every faulty field */
export function invalidInput(errors: readonly FieldFault[]): ServiceError {
  const detail = errors.map(
    (fault) => `${fault.pointer === '' ? 'the whole' : fault.pointer.slice(1)} ${fault.detail}`,
  );
  return new ServiceError('invalid_input', `${detail.join('; ')}.`, { errors });
}

/** One fault a field: alternatives that all failed are one sentence. */
function faultsOf(errors: readonly ErrorObject[]): FieldFault[] {
  const byPointer = new Map<string, Set<string>>();
  for (const error of errors) {
    if (error.keyword === 'anyOf') continue;
    const pointer = pointerOf(error);
    const details = byPointer.get(pointer) ?? new Set();
    byPointer.set(pointer, details.add(detailOf(error)));
  }
  return [...byPointer].map(([pointer, details]) => ({ pointer, detail: [...details].join(' or ') }));
}

function pointerOf({ instancePath, keyword, params }: ErrorObject): string {
  if (keyword === 'required') return `${instancePath}/${params.missingProperty}`;
  if (keyword === 'additionalProperties') return `${instancePath}/${params.additionalProperty}`;
  return instancePath;
}

function detailOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a field of this request';
    case 'enum':
      return `must be one of ${params.allowedValues.map((value: unknown) => JSON.stringify(value)).join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    default:
      return message ?? 'is not valid';
  }
}
