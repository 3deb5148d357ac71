import { ClientError } from '../error.js';
import type { Endpoint } from './endpoint.js';
import type { Dial, Loss } from './socket.js';

/** The part of a browser's WebSocket that is used here. */
interface BrowserSocket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: string | ArrayBuffer }) => void) | null;
  onerror: (() => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}
declare const WebSocket: new (url: string, protocols: string[]) => BrowserSocket;

/** A browser's own WebSocket. The token goes as a subprotocol, because a page cannot set headers. */
export const dialFromBrowser: Dial = (endpoint, events) => {
  const { url, subprotocol, token } = endpoint;
  const protocols = token === undefined ? [subprotocol] : [subprotocol, `bearer.${base64url(token)}`];
  const socket = open(url, protocols);
  socket.binaryType = 'arraybuffer';
  let opened = false;
  socket.onopen = () => {
    opened = true;
  };
  socket.onmessage = ({ data }) => events.message(typeof data === 'string' ? data : new Uint8Array(data));
  // The close event follows and says more.
  socket.onerror = () => {};
  socket.onclose = ({ code, reason }) => {
    const loss = { code, reason };
    if (opened) events.closed(loss);
    else void refusalOf(endpoint).then((refusal) => events.closed({ ...loss, ...refusal }));
  };
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(1000),
    // Without a code, so that registrations do not end.
    abandon: () => socket.close(),
  };
};

/** @throws ClientError when the page may not open the URL, such as `ws:` from an `https:` page */
function open(url: string, protocols: string[]): BrowserSocket {
  try {
    return new WebSocket(url, protocols);
  } catch (error) {
    throw new ClientError(
      'unreachable',
      `This page cannot open ${url}: ${error}. Correct the URL; from https: it must be wss:.`,
    );
  }
}

/** A browser does not say why a socket did not open, so this asks for the same over HTTP. */
async function refusalOf({ url, token }: Endpoint): Promise<Pick<Loss, 'status' | 'body'>> {
  const address = new URL(url.replace(/^ws/, 'http'));
  address.pathname = address.pathname.replace(/ws$/, 'id');
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const answer = await fetch(address, { headers });
    return answer.ok ? {} : { status: answer.status, body: await answer.text() };
  } catch {
    return {};
  }
}

function base64url(text: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
