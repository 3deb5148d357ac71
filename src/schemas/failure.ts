import { ERRORS, type ErrorCode } from '../ground/errors.js';
import { Choice, named, ref } from './common.js';
import { type Static, Type } from './typebox.js';

/** Clients must accept unknown codes: a newer version may add some. */
export const Code = Choice(Object.keys(ERRORS) as ErrorCode[], 'stable name of the error; see docs/errors.md');

export const FieldFaultView = named(
  'FieldFault',
  Type.Object({
    pointer: Type.String({ description: 'JSON pointer to the invalid field' }),
    detail: Type.String(),
  }),
);

/** Every invalid field of a request. */
export const FieldFaults = Type.Array(ref(FieldFaultView));

export const FailureData = named(
  'FailureData',
  Type.Object({
    code: Type.Optional(Code),
    detail: Type.String({ description: 'what happened, and what to do' }),
    errors: Type.Optional(FieldFaults),
  }),
);

/** The error of a JSON-RPC response, on a socket and at `/mi`. */
export const FailureView = named(
  'Failure',
  Type.Object(
    {
      code: Type.Integer({
        description: 'a code of the JSON-RPC standard, or the HTTP status for errors of the service',
      }),
      message: Type.String(),
      data: Type.Optional(ref(FailureData)),
    },
    {
      examples: [
        {
          code: 404,
          message: 'Unknown machine',
          data: { code: 'unknown_machine', detail: 'Cluster 1 has no machine 9; GET /clusters/1/machines lists them.' },
        },
      ],
    },
  ),
);
export type FailureView = Static<typeof FailureView>;
