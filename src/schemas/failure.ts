import { type Static, Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../ground/errors.js';
import { Choice, named } from './common.js';

/** A newer service may have more of them. */
export const Code = Choice(
  Object.keys(ERRORS) as ErrorCode[],
  'stable name of the error; docs/errors.md explains each',
);

/** Every faulty field of a request. */
export const FieldFaults = Type.Array(
  Type.Object({
    pointer: Type.String({ description: 'JSON pointer to the faulty field' }),
    detail: Type.String(),
  }),
);

/** The error of a JSON-RPC response on a socket. */
export const FailureView = named(
  'Failure',
  Type.Object({
    code: Type.Integer({ description: "the standard's codes; the HTTP status for errors of the service" }),
    message: Type.String(),
    data: Type.Optional(
      Type.Object({
        code: Type.Optional(Code),
        detail: Type.String({ description: 'what happened and what to do next' }),
        errors: Type.Optional(FieldFaults),
      }),
    ),
  }),
);
export type FailureView = Static<typeof FailureView>;
