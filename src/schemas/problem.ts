import { Type } from 'typebox';
import type { ServiceError } from '../ground/errors.js';
import { named } from './common.js';
import { Code, FieldFaults } from './failure.js';

/** An RFC 9457 document with a stable `code` (docs/errors.md) and every invalid field. */
export const Problem = named(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'URI of the error code' }),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String({ description: 'what happened, and what to do' }),
      code: Code,
      errors: Type.Optional(FieldFaults),
      machine: Type.Optional(Type.Unknown({ description: '412: current state of the machine' })),
      tag: Type.Optional(Type.Unknown({ description: '504: what is known of the sharing tag' })),
    },
    { description: 'An error (RFC 9457)' },
  ),
);

export function problemOf({ code, status, title, message, extra }: ServiceError): object {
  return { type: `urn:clusterer:problem:${code}`, title, status, detail: message, code, ...extra };
}
