import { Type } from 'typebox';
import type { ServiceError } from '../ground/errors.js';
import { named } from './common.js';
import { Code, FieldFaults } from './failure.js';

/** RFC 9457, with a stable `code` (docs/errors.md) and, for bad input, every faulty field. */
export const Problem = named(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'URI of the kind of problem' }),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String({ description: 'what happened and what to do next' }),
      code: Code,
      errors: Type.Optional(FieldFaults),
      machine: Type.Optional(Type.Unknown({ description: '412: the machine as it is now' })),
    },
    { description: 'An error, as RFC 9457 describes it' },
  ),
);

/** The RFC 9457 document of an error. */
export function problemOf({ code, status, title, message, extra }: ServiceError): object {
  return { type: `urn:clusterer:problem:${code}`, title, status, detail: message, code, ...extra };
}
