import { ClientError } from '../error.js';

/** Packets as JSON, or as binary frames. */
export type Subprotocol = 'clusterer.v1' | 'clusterer.v1.bin';

/** Where to connect, and as whom. */
export interface Endpoint {
  /** `ws:` or `wss:`, ending in `/ws`. */
  readonly url: string;
  readonly subprotocol: Subprotocol;
  readonly token: string | undefined;
}

/** Takes the service's address in any of its spellings: `http(s):` or `ws(s):`, with `/ws` or without. @throws ClientError `invalid_input` */
export function endpointOf(url: string, token: string | undefined, subprotocol: Subprotocol): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^(http|ws)s?:$/.test(parsed.protocol)) {
    throw new ClientError('invalid_input', 'url must be where the service is, as in http://127.0.0.1:8080.');
  }
  // They would be used for nothing; and a special character in a password makes its rest a path, which messages repeat.
  if (/@/.test(url)) {
    throw new ClientError('invalid_input', 'url must hold no user, password or other @: the token is given by itself.');
  }
  if (subprotocol !== 'clusterer.v1' && subprotocol !== 'clusterer.v1.bin') {
    throw new ClientError('invalid_input', 'subprotocol must be clusterer.v1 or clusterer.v1.bin.');
  }
  if (token !== undefined && !/^[!-~]*$/.test(token)) {
    throw new ClientError('invalid_input', 'token must be of visible ASCII characters, without spaces.');
  }
  const path = parsed.pathname.replace(/\/+$/, '');
  const scheme = parsed.protocol.replace('http', 'ws');
  const socketPath = path.endsWith('/ws') ? path : `${path}/ws`;
  const endpoint = `${scheme}//${parsed.host}${socketPath}${parsed.search}`;
  return { url: endpoint, subprotocol, token: token === '' ? undefined : token };
}
