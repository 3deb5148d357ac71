import { named, ref } from './common.js';
import { FailureView } from './failure.js';
import { Type } from './typebox.js';

/** MI commands over JSON-RPC 2.0. Only for the document: an error in a body is a JSON-RPC response, so the route reads the body itself. */

const jsonrpc = Type.Literal('2.0');
const id = Type.Union([Type.String(), Type.Number(), Type.Null()]);

export const MiRequest = named(
  'MiRequest',
  Type.Object(
    {
      jsonrpc,
      id: Type.Optional(id),
      method: Type.String({ description: 'the MI command; `which` lists all' }),
      params: Type.Optional(
        Type.Union([Type.Array(Type.Unknown()), Type.Record(Type.String(), Type.Unknown())], {
          description: 'by position or by name; numbers may be text',
        }),
      ),
    },
    {
      description: 'Without an `id` it gets no response',
      examples: [{ jsonrpc: '2.0', id: '3508', method: 'clusterer_set_status', params: ['1', '2', '0'] }],
    },
  ),
);

export const MiResponse = named(
  'MiResponse',
  Type.Object(
    {
      jsonrpc,
      id,
      result: Type.Optional(Type.Unknown({ description: 'what the command of OpenSIPS returns' })),
      error: Type.Optional(ref(FailureView)),
    },
    {
      description: 'Has either a `result` or an `error`',
      examples: [{ jsonrpc: '2.0', id: '3508', result: 'OK' }],
    },
  ),
);
