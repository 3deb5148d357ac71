import { Type } from 'typebox';
import { named } from './common.js';
import { FieldFaults } from './failure.js';

/** RFC 9457, with a stable `code` (docs/errors.md) and, for bad input, every faulty field. */
export const Problem = named(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'URI of the kind of problem' }),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String({ description: 'what happened and what to do next' }),
      code: Type.String({ description: 'stable name of the problem' }),
      errors: Type.Optional(FieldFaults),
      machine: Type.Optional(Type.Unknown({ description: '412: the machine as it is now' })),
    },
    { description: 'An error, as RFC 9457 describes it' },
  ),
);
