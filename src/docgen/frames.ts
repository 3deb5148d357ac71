import { type TSchema, Type } from 'typebox';
import { FailureView } from '../schemas/failure.js';

/** The text frames of a socket: JSON-RPC 2.0 round what they carry. The document is made of them; nothing is validated by them. */

const jsonrpc = Type.Literal('2.0');
const id = Type.Union([Type.String(), Type.Number(), Type.Null()]);

/** Without an `id` it is done and not answered. */
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
