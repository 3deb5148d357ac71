import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Dial } from './socket.js';
import { type NetworkFailure, networkFailureOf } from './unreachable.js';

/** How much of a refusal is read, in characters. */
const REFUSAL_LIMIT = 65_536;

/** A socket of `ws`. The token goes as a header. */
export const dialFromNode: Dial = ({ url, subprotocol, token }, events) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, [subprotocol], { headers, perMessageDeflate: false });
  let failure: NetworkFailure = { message: '', code: '' };
  let refusal: { readonly status: number; readonly body: string } | undefined;
  socket.on('error', (error) => {
    failure = networkFailureOf(error);
  });
  socket.on('message', (data: Buffer, isBinary) => {
    // Not a Buffer, some methods of which differ from those of Uint8Array.
    events.message(isBinary ? new Uint8Array(data.buffer, data.byteOffset, data.length) : data.toString());
  });
  socket.on('unexpected-response', (_request, response) => {
    void bodyOf(response).then((body) => {
      refusal = { status: response.statusCode ?? 0, body };
      socket.terminate();
    });
  });
  socket.once('close', (code, reason) => {
    events.closed({ code, reason: String(reason) || failure.message, errorCode: failure.code, ...refusal });
  });
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(1000),
    abandon: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
};

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      body += chunk;
      if (body.length > REFUSAL_LIMIT) break;
    }
  } catch {
    // The part that came is enough.
  }
  return body;
}
