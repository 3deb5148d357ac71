import { type Static, Type } from 'typebox';
import { named } from './common.js';

/** Every faulty field of a request. */
export const FieldFaults = Type.Array(
  Type.Object({
    pointer: Type.String({ description: 'JSON pointer to the faulty field' }),
    detail: Type.String(),
  }),
);

/** The error of a JSON-RPC response on a socket (contract, section 5). */
export const FailureView = named(
  'Failure',
  Type.Object({
    code: Type.Integer({ description: "the standard's codes; the HTTP status for errors of the service" }),
    message: Type.String(),
    data: Type.Optional(
      Type.Object({
        code: Type.Optional(Type.String({ description: 'stable name of the error' })),
        detail: Type.String({ description: 'what happened and what to do next' }),
        errors: Type.Optional(FieldFaults),
      }),
    ),
  }),
);
export type FailureView = Static<typeof FailureView>;
