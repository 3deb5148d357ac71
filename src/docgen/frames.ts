import { FailureView } from '../schemas/failure.js';
import { type TSchema, Type } from '../schemas/typebox.js';

/** The text frames of a socket: JSON-RPC 2.0 around parameters and results. Only for the document; the service does not validate with them. */

const jsonrpc = Type.Literal('2.0');
const id = Type.Union([Type.String(), Type.Number(), Type.Null()]);

/** A request without an `id` gets no response. */
export function requestFrame(method: string, params: TSchema, paramsNeeded: boolean): TSchema {
  return Type.Object({
    jsonrpc,
    id: Type.Optional(id),
    method: Type.Literal(method),
    params: paramsNeeded ? params : Type.Optional(params),
  });
}

export function notificationFrame(method: string, params: TSchema): TSchema {
  return Type.Object({ jsonrpc, method: Type.Literal(method), params });
}

export function answerFrame(result: TSchema): TSchema {
  return Type.Object({ jsonrpc, id, result });
}

export const FailureFrame = Type.Object({ jsonrpc, id, error: FailureView });

/** The frames of examples. */
export const frameExamples = {
  request: (method: string, params: unknown) => ({ jsonrpc: '2.0', id: 1, method, params }),
  answer: (result: unknown) => ({ jsonrpc: '2.0', id: 1, result }),
  failure: (error: unknown) => ({ jsonrpc: '2.0', id: 1, error }),
  notification: (method: string, params: unknown) => ({ jsonrpc: '2.0', method, params }),
};
