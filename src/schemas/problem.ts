import type { ServiceError } from '../ground/errors.js';
import { named, ref } from './common.js';
import { Code, FieldFaults } from './failure.js';
import { MachineView } from './machine.js';
import { TagView } from './tags.js';
import { Type } from './typebox.js';

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
      machine: Type.Optional(ref(MachineView)),
      tag: Type.Optional(ref(TagView)),
    },
    { description: 'An error (RFC 9457). 412 has the current `machine`, 504 what is known of the `tag`' },
  ),
);

export function problemOf({ code, status, title, message, extra }: ServiceError): object {
  return { type: `urn:clusterer:problem:${code}`, title, status, detail: message, code, ...extra };
}
