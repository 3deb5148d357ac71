import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from '../../schemas/typebox.js';
import { invalidInput, validatorOf } from '../../schemas/validation.js';

/** Validates a part of a request. It is the validator of all routes; a body is JSON, everything else text. */
export const requestValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validate = validatorOf(schema, httpPart === 'body' ? 'json' : 'text');
  return (value) => {
    const faults = validate(value);
    // `value` is validated in place. Headers that are assigned again, even to the same object, are copied at each read.
    return faults.length === 0 || { error: invalidInput(faults) };
  };
};
