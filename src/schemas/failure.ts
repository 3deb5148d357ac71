import { type Static, Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../ground/errors.js';
import { Choice, named } from './common.js';

/** Clients must accept unknown codes: a newer version may add some. */
export const Code = Choice(Object.keys(ERRORS) as ErrorCode[], 'stable name of the error; see docs/errors.md');

/** Every invalid field of a request. */
export const FieldFaults = Type.Array(
  Type.Object({
    pointer: Type.String({ description: 'JSON pointer to the invalid field' }),
    detail: Type.String(),
  }),
);

/** The error of a JSON-RPC response on a socket. */
export const FailureView = named(
  'Failure',
  Type.Object({
    code: Type.Integer({
      description: 'a code of the JSON-RPC standard, or the HTTP status for errors of the service',
    }),
    message: Type.String(),
    data: Type.Optional(
      Type.Object({
        code: Type.Optional(Code),
        detail: Type.String({ description: 'what happened, and what to do' }),
        errors: Type.Optional(FieldFaults),
      }),
    ),
  }),
);
export type FailureView = Static<typeof FailureView>;
